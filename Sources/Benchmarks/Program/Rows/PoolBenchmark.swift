// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import CBaselines
import CommandLine
import Headroom
import HeadroomSupport
import Synchronization

/// `acquire` and `complete` while the pool has a permit: the way of every call at a high rate.
struct PoolBenchmark: Benchmark {
    static let name = "pool"
    static let summary = "acquire and complete from the pool: time, allocations, several tasks"

    // Keap's set, but for the figures: a capacity of 1500 would be learned.
    private static let headers = [
        ("content-type", "application/json"),
        ("x-keap-product-spike-limit", ""), ("x-keap-product-throttle-limit", "1000000000"),
        ("x-keap-product-throttle-time-unit", "minute"), ("x-keap-product-throttle-interval", "1"),
        ("x-keap-product-throttle-available", "999999999"), ("x-keap-product-throttle-used", "1"),
        ("x-keap-product-quota-limit", "1000000000"), ("x-keap-product-quota-time-unit", "day"),
        ("x-keap-product-quota-interval", "1"), ("x-keap-product-quota-available", "999999999"),
        ("x-keap-product-quota-used", "1"),
        ("x-keap-product-quota-expiry-time", "\(86_400_000 * (SystemClock.now() / 86_400_000_000 + 1))"),
        ("x-keap-tenant-id", "example.infusionsoft.com"), ("x-keap-tenant-throttle-limit", "5000"),
        ("x-keap-tenant-throttle-time-unit", "minute"), ("x-keap-tenant-throttle-interval", "1"),
        ("x-keap-tenant-throttle-available", "4999"), ("x-keap-tenant-throttle-used", "1"),
    ]

    func run(_ bench: Bench) async throws -> Findings {
        let ledger = CountingLedger(MemoryLedger())
        let coordinator = Coordinators.make("bench-pool", try Coordinators.endlessPlan(), ledger)
        return try await Coordinators.with(coordinator) { coordinator in
            try await Coordinators.pairs(20_000, coordinator)
            // As many as take about 20 ms, with some exchanges among them: most rounds are then not interrupted by
            // others.
            let span = try await Coordinators.time { try await Coordinators.pairs(50_000, coordinator) }
            let count = max(8_000, Int(50_000 * 20e6 / span) / 8 * 8)
            var findings = Findings()
            findings.rows += try await one(bench, coordinator, ledger, count)
            findings.rows += try await several(bench, coordinator, count)
            findings.rows.append(try await withHeaders(bench, coordinator, count / 8))
            findings.rows += try await allocations(coordinator, 2 * count)
            return findings
        }
    }

    private func one(
        _ bench: Bench, _ coordinator: RateCoordinator, _ ledger: CountingLedger, _ count: Int
    ) async throws -> [Row] {
        ledger.reset()
        let rounds = bench.pick(60, quick: 24)
        let pairs = try await Measurement(rounds: rounds)(
            baseline: { Self.lockSections(count) }, subject: { try await Self.steady(count, coordinator) })
        let counts = ledger.counts
        let trips = 1000 * Double(counts.trips) / Double((rounds + 1) * (count + count / 8))
        let chunks = Samples(try await Self.chunks(count / 8, coordinator))
        return [
            Row(
                "pool.pair", "acquire + complete from the pool, one task", pairs, .nanoseconds,
                target: .measured(atMost: 250),
                note: "baseline: a section of an uncontended Mutex; the mean of all pairs, "
                    + "with \(NumberText.plain(trips)) exchanges with a memory ledger per 1000 calls"),
            Row(
                "pool.pair.p50", "  the same, median of 64 in a row", Spread(chunks.median), .nanoseconds,
                note:
                    "p90 \(NumberText.plain(chunks.quantile(0.9))) ns, p99 \(NumberText.plain(chunks.quantile(0.99))) ns"
            ),
        ]
    }

    private func several(_ bench: Bench, _ coordinator: RateCoordinator, _ count: Int) async throws -> [Row] {
        func rate(_ tasks: Int) async throws -> Double {
            try await Coordinators.pairs(count / 8, coordinator, tasks: tasks)
            let span = try await Coordinators.time { try await Coordinators.pairs(count, coordinator, tasks: tasks) }
            return Double(count) / span * 1e9
        }
        let pairs = try await Measurement(rounds: bench.pick(60, quick: 24))(
            baseline: { try await rate(1) }, subject: { try await rate(8) })
        return [
            Row(
                "pool.tasks", "  8 tasks, in total, against one task", pairs, .perSecond, target: .ratio(atLeast: 1))
        ]
    }

    private func withHeaders(_ bench: Bench, _ coordinator: RateCoordinator, _ count: Int) async throws -> Row {
        let pairs = try await Measurement(rounds: bench.pick(30, quick: 12))(
            baseline: { Self.lockSections(count) },
            subject: {
                let response = ResponseHead(status: 200, fields: Self.headers)
                return try await Coordinators.time {
                    for _ in 0..<count {
                        let lease = try await coordinator.acquire()
                        _ = lease.complete(response, body: [])
                    }
                } / Double(count)
            })
        return Row("pool.headers", "  with Keap's headers", pairs, .nanoseconds)
    }

    private func allocations(_ coordinator: RateCoordinator, _ count: Int) async throws -> [Row] {
        guard baseline_counts_allocations() != 0 else { return [] }
        let bare = try await Self.countAllocations { for _ in 0..<count { await Self.nothing() } }
        let pairs = try await Self.countAllocations { try await Coordinators.pairs(count, coordinator) }
        return [
            Row(
                "pool.allocations", "  allocations per pair", Spread(pairs / Double(count)), .count,
                baseline: Spread(bare / Double(count)), target: .measured(atMost: 0.01 + bare / Double(count)),
                note: "baseline: an async call that does nothing; all threads are counted, the exchanges' as well")
        ]
    }

    @inline(never)
    private static func nothing() async {}

    private static func countAllocations(_ body: () async throws -> Void) async throws -> Double {
        baseline_count_allocations(1)
        defer { baseline_count_allocations(0) }
        try await body()
        return Double(baseline_allocations())
    }

    /// Nanoseconds of one pair; some before them fill the pool.
    private static func steady(_ count: Int, _ coordinator: RateCoordinator) async throws -> Double {
        try await Coordinators.pairs(count / 8, coordinator)
        return try await Coordinators.time { try await Coordinators.pairs(count, coordinator) } / Double(count)
    }

    private static func chunks(_ count: Int, _ coordinator: RateCoordinator) async throws -> [Double] {
        var spans: [Double] = []
        spans.reserveCapacity(count)
        for _ in 0..<count {
            spans.append(try await Coordinators.time { try await Coordinators.pairs(64, coordinator) } / 64)
        }
        return spans
    }

    /// Nanoseconds of one section of a lock that nobody else wants.
    private static func lockSections(_ count: Int) -> Double {
        let counter = Synchronization.Mutex(0)
        let begin = Clock.now()
        for _ in 0..<count { counter.withLock { $0 &+= 1 } }
        let span = Double(Clock.now() - begin)
        precondition(counter.withLock { $0 } == count)
        return span / Double(count)
    }
}
