// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

/// Somebody has put something else into a key.
@Suite("Keys of another type", .serialized, .timeLimit(.minutes(10)))
struct WrongTypeTests {
    private static let prefix = "headroom:1:{test}:"
    private let server: RedisTestServer
    private let account: Account
    private let log = LogCollector()
    private let tenant = Tenant("ab123")
    private let settings: LedgerSettings

    /// An account with all keys that there are in use: calls are in the windows of the product and of a tenant.
    init() async throws {
        server = try RedisTestServer()
        let logger = log.logger("redis")
        account = try Account(RedisLedger(try connection(server) { $0.logger = logger }))
        let second = try Limit(.throttle, capacity: 1_000, window: .rolling(.seconds(1)))
        settings = LedgerSettings(plan: try Plan(name: "second", productLimits: [second], tenantLimits: [second]))
        try await account.join(settings)
        try await settle()
        try await Task.sleep(for: .milliseconds(20))
        try await settle()
    }

    private func settle() async throws {
        try await account.exchange { [tenant] request in
            request.settlements = [Settlement(tenant: tenant, spent: 1)]
            request.wants = [Want(tenant: tenant, count: 1)]
        }
    }

    private func replace(_ key: String) throws {
        #expect(try server.command("DEL", Self.prefix + key) == ":1\r\n", "\(key) is one of the account's")
        try server.command("HSET", Self.prefix + key, "a", "b")
    }

    /// The first error of a join, or of an exchange that moves the windows on.
    private func firstError() async -> LedgerError? {
        try? await Task.sleep(for: .milliseconds(20))
        for operation in [{ try await account.join(settings) }, settle] {
            do {
                try await operation()
            } catch {
                if let error = error as? LedgerError { return error }
            }
        }
        return nil
    }

    @Test(
        "What cannot be done without is an error that names the key and says what to do, and stays as it is",
        arguments: ["state", "plan", "instances", "ring:product:throttle", "ring:tenant:ab123:throttle"], [true, false])
    func named(_ key: String, asFunctions: Bool) async throws {
        if !asFunctions { try server.command("ACL", "SETUSER", "default", "-fcall") }
        try replace(key)
        for _ in 0..<3 {
            let error = try #require(await firstError())
            #expect(error.code == .unreadable)
            #expect(error.message.contains("\(Self.prefix + key) is not what"), "\(error)")
            #expect(error.message.contains("Delete all keys \(Self.prefix)*"), "\(error)")
        }
        #expect(try server.command("HGET", Self.prefix + key, "a") == "$1\r\nb\r\n")
        let logged = log.lines.filter { $0.hasPrefix("error") }
        #expect(logged.count == 1 && logged[0].contains(Self.prefix + key), "said once a minute: \(logged)")
        let script = "for _, key in ipairs(redis.call('KEYS', '\(Self.prefix)*')) do redis.call('DEL', key) end"
        try server.command("EVAL", script, "0")
        try await account.join(settings)
        try await settle()
    }

    @Test("What can be begun anew is, and has a time to live", arguments: ["instance:instance", "tenant:ab123"])
    func begunAnew(_ key: String) async throws {
        try replace(key)
        #expect(await firstError() == nil)
        try await settle()
        #expect(try server.command("TYPE", Self.prefix + key) == "+string\r\n")
        #expect(try server.command("PTTL", Self.prefix + key).hasPrefix(":-") == false)
    }

    @Test("A plan that is no plan is an error that says so, too")
    func noPlan() async throws {
        try server.command("SET", Self.prefix + "plan", "x")
        let error = await #expect(throws: LedgerError.self) {
            try await account.exchange { $0.wants = [Want(tenant: Tenant("new"), count: 1)] }
        }
        #expect(error?.code == .unreadable && error?.message.contains(Self.prefix + "plan") == true, "\(error as Any)")
    }
}
