// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The program that tests start as their Redis: the one that `HEADROOM_REDIS_SERVER` names, else PATH's.
package struct ServerProgram: Sendable {
    package let path: String
    /// What it says of itself, such as `Redis server v=7.0.15 …` or `Valkey server v=9.1.2 …`.
    package let description: String

    /// The program for all tests of this process.
    package static let chosen = Result { try ServerProgram(find()) }

    /// Whether it has functions; Redis 6 has none.
    package static var hasFunctions: Bool { (try? chosen.get().major).map { $0 >= 7 } ?? false }

    /// Whether `min-replicas-to-write` binds scripts, too. Redis 6.2.5 heeds it for single commands only.
    package static var countsReplicasForScripts: Bool {
        (try? chosen.get().description.contains("v=6.2.5 ")) == false
    }

    private var major: Int {
        let digits = description.firstRange(of: "v=").map { description[$0.upperBound...].prefix { $0.isNumber } }
        return digits.flatMap { Int($0) } ?? 0
    }

    private init(_ path: String) throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["--version"]
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        (self.path, description) = (path, String(decoding: bytes, as: UTF8.self))
    }

    private static func find() throws -> String {
        if let named = ProcessInfo.processInfo.environment["HEADROOM_REDIS_SERVER"], !named.isEmpty {
            guard access(named, X_OK) == 0 else {
                throw RedisTestServerError("HEADROOM_REDIS_SERVER names \(named), which is no program")
            }
            return named
        }
        guard let program = ServerProcess.find("redis-server") else {
            throw RedisTestServerError("redis-server is not installed; run Scripts/setup")
        }
        return program
    }
}
