// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeadroomCLI
import Testing

/// The built program `headroom`, started as a user would.
final class HeadroomProgram: Sendable {
    /// What a run came to.
    struct Ended: Sendable {
        let status: Int32
        let output: String
        let errors: String

        func result() throws -> DriveResult { try JSONDecoder().decode(DriveResult.self, from: Data(output.utf8)) }
    }

    let processID: Int32
    private let ending: Task<Ended, Never>

    /// - Parameter environment: added to this process' own, in which no Redis is named.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        var all = ProcessInfo.processInfo.environment
        (all["HEADROOM_REDIS"], all["HEADROOM_REDIS_PASSWORD"]) = (nil, nil)
        process.environment = all.merging(environment) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (FileHandle.nullDevice, output, errors)
        let (ends, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            let isSignal = process.terminationReason == .uncaughtSignal
            continuation.yield(isSignal ? -process.terminationStatus : process.terminationStatus)
            continuation.finish()
        }
        try process.run()
        processID = process.processIdentifier
        let (reading, readingErrors) = (Self.reading(output), Self.reading(errors))
        ending = Task {
            var status: Int32 = -1
            for await end in ends { status = end }
            return Ended(status: status, output: await reading.value, errors: await readingErrors.value)
        }
    }

    deinit { kill(processID, SIGKILL) }

    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Ended {
        try await HeadroomProgram(arguments, environment: environment).end()
    }

    func end() async -> Ended { await ending.value }

    func send(_ signal: Int32) { kill(processID, signal) }

    /// The processes that it has started, once there are so many.
    func children(_ count: Int) async throws -> [Int32] {
        for _ in 0..<2_400 {
            let found = try Self.lines(["pgrep", "-P", "\(processID)"]).compactMap { Int32($0) }
            if found.count == count { return found.sorted() }
            try await Task.sleep(for: .milliseconds(25))
        }
        Issue.record("there are not \(count) processes")
        return []
    }

    /// The command lines of processes; a process that has ended has none.
    static func commandLines(_ processes: [Int32]) throws -> [String] {
        try lines(["ps", "-o", "stat=,args=", "-p", processes.map(String.init).joined(separator: ",")])
            .filter { !$0.hasPrefix("Z") }
    }

    private static func lines(_ command: [String]) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func reading(_ pipe: Pipe) -> Task<String, Never> {
        let handle = pipe.fileHandleForReading
        let (parts, continuation) = AsyncStream.makeStream(of: Data.self)
        Thread.detachNewThread {
            continuation.yield(handle.readDataToEndOfFile())
            continuation.finish()
        }
        return Task {
            var all = Data()
            for await part in parts { all.append(part) }
            return String(decoding: all, as: UTF8.self)
        }
    }

    /// Beside the test bundle in the folder of the build.
    private static var path: String {
        let bundle = Bundle.allBundles.map(\.bundlePath).first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("headroom").path
    }
}
