// SPDX-License-Identifier: Apache-2.0

import CommandLine
import HeadroomRedis
import RedisClient

/// A master whose libraries of functions an operator looks after.
struct FunctionServer {
    private let connection: RedisConnection

    /// How long the server may take to be there.
    private static let patience = Duration.seconds(3)

    /// Host and port, or the path of the socket.
    var name: String { connection.options.address.endpoint }

    /// The server of an address; each master if it is a cluster's.
    ///
    /// - Throws: ``CommandFailure``.
    static func all(of address: String) async throws -> [FunctionServer] {
        var options = RedisConnectionOptions(address: try RedisAddress(address))
        options.clientName = "headroom-cli"
        let masters = try await patiently("CLUSTER SLOTS", "cluster|slots", options.address) { () throws(RedisError) in
            try await RedisConnection.masters(options)
        }
        return masters.map(FunctionServer.init(connection:))
    }

    /// - Returns: Whether it was loaded now.
    func load(_ library: RedisFunction.Library) async throws -> Bool {
        try await patiently("FUNCTION LOAD", "function|load") { () throws(RedisError) in
            try await connection.loadLibrary(library)
        }
    }

    /// The libraries of Headroom: those whose names are made as its names are.
    func libraries() async throws -> [String] {
        let names = try await patiently("FUNCTION LIST", "function|list") { () throws(RedisError) in
            try await connection.libraryNames(prefix: "headroom_")
        }
        return names.filter { $0.wholeMatch(of: /headroom_[0-9a-f]{12}/) != nil }
    }

    /// The length of a library's text. `nil` if the server does not say it.
    func size(of library: String) async throws -> Int? {
        try await patiently("FUNCTION LIST", "function|list") { () throws(RedisError) in
            try await connection.librarySize(named: library)
        }
    }

    /// - Returns: Whether it was there.
    func delete(_ library: String) async throws -> Bool {
        try await patiently("FUNCTION DELETE", "function|delete") { () throws(RedisError) in
            try await connection.deleteLibrary(named: library)
        }
    }

    static func text(bytes: Int) -> String { "\((bytes + 500) / 1_000) kB" }

    private func patiently<Value>(
        _ command: String, _ right: String, _ body: () async throws(RedisError) -> Value
    ) async throws -> Value {
        try await Self.patiently(command, right, connection.options.address, body)
    }

    /// Does something that may be done twice, and again if there was no connection.
    private static func patiently<Value>(
        _ command: String, _ right: String, _ address: RedisAddress,
        _ body: () async throws(RedisError) -> Value
    ) async throws -> Value {
        let end = ContinuousClock.now + patience
        while true {
            do throws(RedisError) {
                return try await body()
            } catch {
                let mayPass = error.code == .unavailable || error.code == .lost
                guard mayPass, ContinuousClock.now < end else { throw failure(error, command, right, address) }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// What an error means, and what is to be done.
    private static func failure(
        _ error: RedisError, _ command: String, _ right: String, _ address: RedisAddress
    ) -> CommandFailure {
        let place = "Redis at \(address)"
        guard let answer = error.serverError else {
            return CommandFailure(.unreachable, "cannot use \(place): \(error.message)")
        }
        if answer.text.hasPrefix("ERR unknown command") || answer.text.hasPrefix("ERR unknown subcommand") {
            return CommandFailure(
                .noFunctions,
                "\(place) has no functions, which came with Redis 7.0; workers run scripts there, nothing is to be done"
            )
        }
        let advice: String =
            switch answer.kind {
            case "NOPERM":
                "its user may not call \(command); give it the right +\(right), or use one that has it, as headroom-operator "
                    + "in deploy/users.acl has"
            case "READONLY": "the address leads to a replica; use the master's, redis+sentinel:// or redis+cluster://"
            default: "\(command) failed"
            }
        return CommandFailure(.unreachable, "\(place): \(advice) (\(answer.text))")
    }
}
