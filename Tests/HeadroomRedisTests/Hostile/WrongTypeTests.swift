// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

/// Somebody has put something else into an account's key.
@Suite("A key of another type", .tags(.servers), .serialized, .timeLimit(.minutes(10)))
struct WrongTypeTests {
    private static let key = "headroom:2:{test}"

    @Test(
        "It is an error that names the key and says what to do, and stays as it is; without it the account begins anew",
        arguments: Functions.choices)
    func named(asFunctions: Bool) async throws {
        let server = try RedisTestServer()
        let log = LogCollector()
        let logger = log.logger("redis")
        let redis = try connection(server) { $0.logger = logger }
        if asFunctions { _ = try await redis.loadLibrary(LedgerScript.library) }
        let account = try Account(RedisLedger(redis))
        try await account.join()
        try await account.exchange { $0.settlements = [Settlement(tenant: nil, spent: 1)] }
        #expect(try server.command("DEL", Self.key) == ":1\r\n")
        try server.command("SET", Self.key, "something else")
        let operations: [() async throws -> Void] = [
            { try await account.join() }, { _ = try await account.exchange { _ in } },
            { _ = try await account.ledger.status(tenants: [], in: account.group) },
            { try await account.ledger.hold(for: nil, in: account.group) },
        ]
        for operation in operations {
            let error = await #expect(throws: LedgerError.self) { try await operation() }
            #expect(error?.code == .unreadable)
            #expect(error?.message.contains("\(Self.key) is not what") == true, "\(String(describing: error))")
            #expect(error?.message.contains("Delete \(Self.key)") == true, "\(String(describing: error))")
        }
        #expect(try server.command("GET", Self.key) == "$14\r\nsomething else\r\n")
        let logged = log.lines.filter { $0.hasPrefix("error") }
        #expect(logged.count == 1 && logged[0].contains(Self.key), "said once a minute: \(logged)")
        try server.command("DEL", Self.key)
        try await account.join()
        try await account.exchange { $0.wants = [Want(count: 1)] }
        #expect(try server.command("TYPE", Self.key) == "+hash\r\n")
    }
}
