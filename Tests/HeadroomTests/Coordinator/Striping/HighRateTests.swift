// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: at high rates", .tags(.threads), .timeLimit(.minutes(10)))
struct HighRateTests {
    @Test("The stock grows with a burst, so that few round trips serve many calls, and is given back when it is over")
    func prefetch() async throws {
        try await Bench(.minute(1_000_000)).running { bench in
            let before = bench.coordinator.statistics
            try await bench.coordinator.burst(5_000)
            let after = bench.coordinator.statistics
            #expect(after.acquired - before.acquired == 5_000)
            #expect(after.roundTrips - before.roundTrips <= 30)
            #expect(after.pooled > 1_000 && after.pooled <= 5_000)
            try await bench.becomesIdle()
            let idle = bench.coordinator.statistics
            #expect(idle.pooled == 0 && idle.outstanding == 0)
            let budget = try await bench.status().budgets[0]
            #expect(budget.outstanding == 0 && budget.limits[0].spent == 5_003)
            // Filled up once more at most, if it was low: nothing is asked for anew when it has been given back.
            #expect(idle.granted - after.granted + Int64(after.pooled) <= 5_000)
        }
    }

    @Test("A steady rate is served from stock: a round trip for hundreds of calls")
    func steady() async throws {
        try await Bench(.minute(1_000_000)).running { bench in
            try await bench.coordinator.burst(2_000)
            let before = bench.coordinator.statistics
            for _ in 0..<50 {
                try await bench.coordinator.burst(500)
                await bench.clock.advance(by: .milliseconds(10))
            }
            let after = bench.coordinator.statistics
            #expect(after.acquired - before.acquired == 25_000)
            #expect((after.roundTrips - before.roundTrips) * 1000 <= 25_000 * 3)
        }
    }

    @Test("Permits that are ready in stripes are void after the time to live, and so are leases of before")
    func expiry() async throws {
        try await withPausedClock { clock, coordinator in
            try await coordinator.burst(3_000)
            _ = try await coordinator.fillStripes()
            let lease = try await coordinator.acquire()
            let isUsable = lease.isUsable
            #expect(isUsable)
            clock.jump(.seconds(11))
            let isUsableLater = lease.isUsable
            #expect(!isUsableLater)
            // The permits are void, and so not handed over at all.
            let isThere = if let late = try coordinator.tryAcquire() { late.label == nil } else { false }
            #expect(!isThere)
            #expect(coordinator.statistics.dropped == 0 && coordinator.statistics.outstanding == 1)
            _ = lease.complete(VendorReading(status: 200))
            // The next lease is of a new membership.
            let next = try await coordinator.acquire()
            let isNextUsable = next.isUsable
            #expect(isNextUsable)
            next.cancel()
            #expect(coordinator.statistics.outstanding == 0)
        }
    }

    @Test("A lease that lasts too long counts once, also while stripes count endings")
    func longLease() async throws {
        var configuration = RateCoordinator.Configuration()
        configuration.leaseMaximum = .seconds(2)
        try await Bench(.minute(1_000_000), configuration: configuration).running { bench in
            let coordinator = bench.coordinator
            try await coordinator.burst(3_000)
            let lease = try await coordinator.acquire()
            await bench.pass(.seconds(3))
            try await coordinator.burst(3_000)
            #expect(coordinator.statistics.dropped == 1)
            // The stripe counts endings again, but not that of an older cohort.
            try await coordinator.burst(2)
            _ = lease.complete(VendorReading(status: 200))
            #expect(coordinator.statistics.accepted == 6_006 && coordinator.statistics.outstanding == 0)
            try await bench.becomesIdle()
            let spent = try await bench.spent(.throttle)
            #expect(spent == 6_006)
        }
    }

    @Test("What stripes have ready serves whoever is more urgent, to the last permit")
    func urgent() async throws {
        try await Bench(.minute(1_000_000)).running { bench in
            let coordinator = bench.coordinator
            // Some hundred calls after an exchange there is less in stock than there was.
            for _ in 0..<100 where coordinator.statistics.pooled < 1_500 { try await coordinator.burst(500) }
            bench.ledger.cut(true)
            _ = try await coordinator.fillStripes()
            let before = coordinator.statistics
            try await coordinator.burst(1)
            let left = before.pooled - 1
            #expect(left > 512)
            for _ in 0..<left {
                try await coordinator.acquire(priority: .interactive, timeout: .seconds(0)).cancel()
            }
            #expect(coordinator.readyInStripes == 0 && coordinator.statistics.pooled == 0)
            bench.ledger.cut(false)
        }
    }

    @Test("While somebody waits, stripes get nothing: an interactive caller is served before the normal ones")
    func waiting() async throws {
        try await Bench(.minute(10_000)).running { bench in
            let coordinator = bench.coordinator
            try await bench.coordinator.burst(3_000)
            try await bench.memory.hold(for: .seconds(2), in: coordinator.group)
            let served = Record<Priority>()
            let callers = Task {
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<4_000 {
                        group.addTask {
                            let priority: Priority = number < 3_990 ? .normal : .interactive
                            guard let lease = try? await coordinator.acquire(priority: priority) else { return }
                            served.add(priority)
                            _ = lease.complete(VendorReading(status: 200))
                        }
                    }
                }
            }
            await bench.clock.settle(until: { coordinator.statistics.waiting + served.all.count == 4_000 })
            #expect(coordinator.statistics.waiting > 100 && coordinator.readyInStripes == 0)
            try await bench.finish(callers)
            // They came last of all.
            let last = try #require(served.all.lastIndex(of: .interactive))
            #expect(last < 3_800)
        }
    }

    @Test("The end gives back what stripes have ready, and reports what they have counted")
    func end() async throws {
        let bench = try Bench(.minute(1_000_000))
        var calls: Int64 = 3_003
        try await bench.running { bench in
            try await bench.coordinator.burst(3_000)
            calls += try await bench.coordinator.fillStripes()
            bench.coordinator.shutdown()
            #expect(bench.coordinator.readyInStripes == 0)
        }
        let status = try await bench.status()
        #expect(status.instances.isEmpty && status.budgets[0].outstanding == 0)
        #expect(status.budgets[0].limits[0].spent == calls)
        let statistics = bench.coordinator.statistics
        #expect(statistics.pooled == 0 && statistics.outstanding == 0 && statistics.accepted == calls)
    }

    /// A coordinator and its ledger on a clock that jumps, after it has learned.
    private func withPausedClock(
        _ body: (PausedClock, RateCoordinator) async throws -> Void
    ) async throws {
        let clock = PausedClock()
        let coordinator = RateCoordinator(
            clientID: "test", plan: try .minute(1_000_000),
            ledger: Ledger(MemoryLedger(clock: { clock.microseconds })),
            clock: clock)
        let run = Task { try await coordinator.run() }
        defer { coordinator.shutdown() }
        for _ in 0..<3 {
            try await coordinator.burst(1)
            clock.jump(.milliseconds(200))
        }
        try await body(clock, coordinator)
        coordinator.shutdown()
        try await run.value
    }
}

extension RateCoordinator {
    /// Makes calls until this thread's stripe has permits ready: the timer may tick at any moment, and then collects
    /// them.
    ///
    /// - Returns: how many calls that took.
    func fillStripes() async throws -> Int64 {
        for calls in 0..<1_000 {
            if readyInStripes > 0 { return Int64(calls) }
            try await burst(1)
        }
        Issue.record("nothing is ready in stripes after 1,000 calls")
        return 1_000
    }

    /// Calls one after another, all at the same moment if the clock stands still.
    func burst(_ calls: Int) async throws {
        for _ in 0..<calls { _ = try await acquire(timeout: .never).complete(VendorReading(status: 200)) }
    }
}
