// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisClient
import RedisTestServer
import Testing

@testable import HeadroomRedis

@Suite("A policy that evicts accounts", .tags(.servers))
struct MemoryPolicyTests {
    private let log = LogCollector()

    private var warnings: [String] { log.lines.filter { $0.contains("may evict the account") } }

    private func account(at server: RedisTestServer, _ group: String, login: String = "") throws -> Account {
        let logger = log.logger("redis")
        let redis = try connection("redis://\(login)127.0.0.1:\(server.port ?? 0)") { $0.logger = logger }
        return try Account(RedisLedger(redis), group: group)
    }

    private func server(_ policy: String, maximum: String = "100mb") throws -> RedisTestServer {
        var options = RedisTestServer.Options()
        options.configLines = ["maxmemory \(maximum)", "maxmemory-policy \(policy)"]
        return try RedisTestServer(options)
    }

    @Test(
        "It is logged once, as a warning that says what follows and what to set",
        arguments: ["volatile-lru", "allkeys-lfu"])
    func warned(policy: String) async throws {
        let server = try server(policy)
        let account = try account(at: server, "g")
        for _ in 0..<3 { try await account.join() }
        #expect(await eventually { !warnings.isEmpty })
        try await account.join()
        let warning = try #require(warnings.first)
        #expect(warnings.count == 1 && server.processID != nil)
        #expect(warning.hasPrefix("warning") && warning.contains(policy), "\(warning)")
        #expect(warning.contains("lost account") && warning.contains("noeviction"), "\(warning)")
    }

    @Test("Nothing is said of a policy that keeps all, or of a server without a maximum")
    func kept() async throws {
        for server in [try server("noeviction"), try server("allkeys-lru", maximum: "0")] {
            try await account(at: server, "g").join()
            let policy = await MemoryPolicy.ask(try connection(server))
            #expect(policy?.evicts == false, "\(String(describing: policy))")
        }
        #expect(warnings.isEmpty)
    }

    @Test("Either right is enough to ask, and without any the ledger works and nothing is said")
    func rights() async throws {
        let server = try server("volatile-ttl")
        let rights = ["+info", "+config|get", ""]
        for (index, right) in rights.enumerated() {
            let words = ["ACL", "SETUSER", "me\(index)", "on", ">pw", "~*", "+@all", "-info", "-config"]
            _ = try server.words(words + (right.isEmpty ? [] : [right]))
            let login = "me\(index):pw@"
            let policy = await MemoryPolicy.ask(try connection("redis://\(login)127.0.0.1:\(server.port ?? 0)"))
            #expect(policy?.name == (right.isEmpty ? nil : "volatile-ttl"))
            try await account(at: server, "g\(index)", login: login).join()
        }
        #expect(await eventually { warnings.count == 2 })
        #expect(log.lines.allSatisfy { !$0.contains("NOPERM") })
    }
}
