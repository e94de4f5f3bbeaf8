// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A real stunnel with the settings of `deploy/stunnel.conf`, from a free port of 127.0.0.1 to a server behind TLS.
public final class TestTunnel: Sendable {
    /// The port on 127.0.0.1 that takes connections without TLS.
    public let port: Int
    private let folder: String
    private let process: ServerProcess

    /// Starts it, and waits until it takes connections.
    ///
    /// - Parameters:
    ///   - port: of the server on 127.0.0.1.
    ///   - name: what the server's certificate has to be for.
    ///   - authority: who has to have issued it.
    public init(to port: Int, expecting name: String, from authority: TestAuthority) throws {
        guard let program = ServerProcess.find("stunnel") ?? ServerProcess.find("stunnel4") else {
            throw RedisTestServerError("stunnel is not installed; run Scripts/setup --tests")
        }
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let settings = try String(contentsOfFile: "/\(root)/deploy/stunnel.conf", encoding: .utf8)
        self.port = try FreePort.find()
        folder = authority.folder
        process = ServerProcess(program: program, log: "\(folder)/tunnel-\(self.port).log")
        let values = [
            "accept": "127.0.0.1:\(self.port)", "connect": "127.0.0.1:\(port)", "checkHost": name, "sni": name,
            "CAfile": authority.file,
        ]
        let path = "\(folder)/tunnel-\(self.port).conf"
        try Self.replace(values, in: settings).write(toFile: path, atomically: true, encoding: .utf8)
        try process.start([path])
        do {
            try Polling.wait(for: "a tunnel's port") {
                _ = try StreamSocket.connected(port: self.port, path: nil)
                return true
            }
        } catch {
            throw RedisTestServerError("stunnel takes no connections; its words:\n\(log.suffix(2_000))")
        }
    }

    /// What it has said.
    public var log: String { (try? String(contentsOfFile: "\(folder)/tunnel-\(port).log", encoding: .utf8)) ?? "" }

    /// Ends it at once.
    public func kill() {
        process.signal(SIGKILL)
        _ = process.awaitEnd(within: 60)
    }

    // Each of them has to be there: a test of other settings than those of the file would show nothing.
    private static func replace(_ values: [String: String], in settings: String) throws -> String {
        var rest = values
        let lines = settings.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let name = line.prefix { $0 != "=" }.filter { $0 != " " }
            return rest.removeValue(forKey: name).map { "\(name) = \($0)" } ?? String(line)
        }
        guard rest.isEmpty else { throw RedisTestServerError("deploy/stunnel.conf has no \(rest.keys.sorted())") }
        return lines.joined(separator: "\n")
    }
}
