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
        try client.runInBatches(CommandList(Self.minute(&busy, of: nil).map(\.words)), depth: 1)
        // The same with all calls of one tenant.
        var shared = try await AccountFixture("bench-tenant", .keapOAuth, instances: 10, ledger)
        try client.runInBatches(CommandList(Self.minute(&shared, of: Self.tenant).map(\.words)), depth: 1)
        func size(_ fixture: AccountFixture) async throws -> Double {
            let key = StoredForm.key(of: fixture.group)
            guard let size = try await bench.admin.memory(ofKeys: key)[key] else {
                throw BenchmarkFailure("there is no account \(key)")
            }
            return Double(size)
        }
        let (idleSize, busySize, sharedSize) = (try await size(idle), try await size(busy), try await size(shared))
        return Findings(rows: [
            Row(
                "memory.idle", "a budget in Redis, idle", Spread(idleSize), .bytes, target: .measured(atMost: 4_096),
                note: "one instance, 5 calls"),
            Row(
                "memory.busy", "  busy", Spread(busySize), .bytes, target: .measured(atMost: 16_384),
                note: "10 instances, 1500 calls over a whole minute"),
            Row(
                "memory.tenant", "  one tenant", Spread(sharedSize - busySize), .bytes,
                target: .measured(atMost: 2_048),
                note: "a minute and a day: what the same account takes more if all calls are of one tenant"),
        ])
    }

    /// A minute of calls, all sub-windows in use, each instance with something in hand.
    private static func minute(_ fixture: inout AccountFixture, of tenant: Tenant?) -> [ScriptCall] {
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
