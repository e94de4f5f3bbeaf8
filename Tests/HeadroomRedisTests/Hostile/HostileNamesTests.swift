// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@Suite("Tenants, labels and client ids of any form", .tags(.memory), .serialized, .timeLimit(.minutes(10)))
struct HostileNamesTests {
    private static let names = [
        "", " ", "a b", "{", "}", "a\n2026 error fake line", "a\0b", "\u{1B}[31m", "é", "👩‍👩‍👧",
        String(repeating: "a", count: 129),
        String(repeating: "a", count: 1 << 20), "a" + String(repeating: "\u{301}", count: 1 << 19),
        "\r\n*1\r\n$8\r\nFLUSHALL\r\n",
    ]

    @Test("What is no tenant or label fails with a short, printable line", arguments: names.indices)
    func invalid(_ index: Int) async throws {
        let name = Self.names[index]
        let coordinator = RateCoordinator(
            clientID: "test", plan: .keapOAuth, ledger: .memory, logger: LogCollector().logger("test"))
        let tenant = await #expect(throws: RateLimitError.self) { try await coordinator.acquire(tenant: name).cancel() }
        #expect(tenant?.code == .invalidTenant)
        let label = await #expect(throws: RateLimitError.self) { try await coordinator.acquire(label: name).cancel() }
        #expect(label?.code == .invalidLabel)
        for text in [tenant?.description, label?.description].compactMap({ $0 }) {
            #expect(text.utf8.count < 256)
            #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        }
    }

    @Test("Any client id is a group of its own with short keys", arguments: names.indices)
    func clientID(_ index: Int) async throws {
        let name = Self.names[index]
        let server = try RedisTestServer()
        let redis = try connection(server)
        let coordinator = RateCoordinator(
            clientID: name, plan: .keapOAuth, ledger: Ledger(RedisLedger(redis)), logger: LogCollector().logger("test"))
        let run = Task { try await coordinator.run() }
        _ = try await coordinator.acquire(tenant: "ab123").complete(VendorReading(status: 200))
        coordinator.shutdown()
        try await run.value
        guard case .array(let keys) = try await redis.send(RedisCommand("KEYS", "*")) else { throw Unexpected() }
        #expect(!keys.isEmpty)
        for case .bulk(let key) in keys {
            #expect(key.count < 256 && key.allSatisfy { (0x21...0x7E).contains($0) })
        }
    }

    @Test("Thousands of tenants: Redis keeps little of each, for a time, and the coordinator next to nothing")
    func many() async throws {
        let count = 3_000
        let server = try RedisTestServer()
        let redis = try connection(server)
        let plan = try Plan(
            name: "two", productLimits: [Limit(.throttle, capacity: 10_000_000, window: .rolling(.seconds(60)))],
            tenantLimits: Plan.keapOAuth.tenantLimits)
        let coordinator = RateCoordinator(
            clientID: "many", plan: plan, ledger: Ledger(RedisLedger(redis)), logger: LogCollector().logger("test"))
        let run = Task { try await coordinator.run() }
        for _ in 0..<3 { _ = try await coordinator.acquire().complete(VendorReading(status: 200)) }
        let before = try Self.memory(server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<100 {
                group.addTask {
                    for number in 0..<(count / 100) {
                        let lease = try await coordinator.acquire(tenant: "tenant-\(worker)-\(number)")
                        _ = lease.complete(VendorReading(status: 200))
                    }
                }
            }
            try await group.waitForAll()
        }
        let each = (try Self.memory(server) - before) / count
        print("\(count) tenants: \(each) bytes of Redis' memory each, \(coordinator.tenantsInPool) in the pool")
        #expect(each < 4_096)
        #expect(coordinator.gauges.count <= 1_024)
        #expect(await eventually { coordinator.statistics.outstanding == 0 && coordinator.tenantsInPool < count / 4 })
        coordinator.shutdown()
        try await run.value
        let script =
            "local n = 0 for _, k in ipairs(redis.call('KEYS', '*')) do if redis.call('PTTL', k) < 0 then n = n + 1 end end return n"
        #expect(try server.command("EVAL", script, "0") == ":0\r\n")
    }

    private static func memory(_ server: RedisTestServer) throws -> Int {
        let lines = try server.command("INFO", "memory").split(separator: "\r\n")
        let line = try #require(lines.first { $0.hasPrefix("used_memory_dataset:") })
        return try #require(Int(line.dropFirst("used_memory_dataset:".count)))
    }
}
