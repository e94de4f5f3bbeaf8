// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import Headroom
import HeadroomRedis

/// The memory that a budget takes in Redis.
struct MemoryBenchmark: Benchmark {
    static let name = "memory"
    static let summary = "memory of a budget in Redis, idle and busy, and of a tenant"

    private static let tenant = Tenant("ab123")

    func run(_ bench: Bench) async throws -> Findings {
        try await bench.admin.empty()
        let ledger = RedisLedger(bench.connect(bench.address))
        let client = try SyncClient(.socket(bench.socket))
        var idle = try await AccountFixture("bench-idle", .keapOAuth, instances: 1, ledger)
        try client.runInBatches(CommandList(idle.calls(5).map(\.words)), depth: 1)
        var busy = try await AccountFixture("bench-busy", .keapOAuth, instances: 10, ledger)
        try client.runInBatches(CommandList(Self.minute(&busy).map(\.words)), depth: 1)
        let idleKeys = try await bench.admin.memory(ofKeys: "headroom:*{bench-idle}*")
        let busyKeys = try await bench.admin.memory(ofKeys: "headroom:*{bench-busy}*")
        let tenantKeys = busyKeys.filter { $0.key.contains("ab123") }
        guard idleKeys.count >= 2, !tenantKeys.isEmpty else {
            throw BenchmarkFailure("the accounts' keys were not found")
        }
        func size(_ keys: [String: Int]) -> Spread { Spread(Double(keys.values.reduce(0, +))) }
        return Findings(rows: [
            Row(
                "memory.idle", "a budget in Redis, idle", size(idleKeys), .bytes, target: .measured(atMost: 4_096),
                note: "one instance, 5 calls, \(idleKeys.count) keys"),
            Row(
                "memory.busy", "  busy", size(busyKeys.filter { !$0.key.contains("ab123") }), .bytes,
                target: .measured(atMost: 16_384),
                note:
                    "10 instances, 1500 calls over a whole minute, \(busyKeys.count - tenantKeys.count) keys without the tenant's"
            ),
            Row(
                "memory.tenant", "  one tenant", size(tenantKeys), .bytes, target: .measured(atMost: 2_048),
                note: "a minute and a day, \(tenantKeys.count) keys"),
        ])
    }

    /// A minute of calls for a tenant, all sub-windows in use, each instance with something in hand.
    private static func minute(_ fixture: inout AccountFixture) -> [ScriptCall] {
        let (steps, end) = (600, SystemClock.now())
        return (0..<steps).map { step in
            var request = fixture.next(of: step % fixture.instances.count, settling: 0, wants: 0)
            let spent = step % 2 == 0 ? 3 : 2
            request.settlements = [Settlement(tenant: tenant, spent: spent, accepted: spent)]
            request.wants = [Want(tenant: tenant, count: 1)]
            return ScriptCall(request, in: fixture.group, now: end - 60_000_000 + Int64(step) * 100_000)
        }
    }
}
