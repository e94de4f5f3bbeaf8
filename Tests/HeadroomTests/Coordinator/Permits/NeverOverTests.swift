// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import TestClock
import Testing

@Suite("Coordinator: nothing over the limit, at any rate", .tags(.threads), .timeLimit(.minutes(10)))
struct NeverOverTests {
    @Test("At full speed, three coordinators with eight tasks never have more in use than any window allows")
    func fullSpeed() async throws {
        let windows: [(LimitName, Int, Duration)] = [
            (.throttle, 2_000, .milliseconds(200)), (LimitName("second")!, 6_000, .seconds(1)),
        ]
        let plan = try Plan(
            name: "fast", productLimits: windows.map { try Limit($0.0, capacity: $0.1, window: .rolling($0.2)) })
        let start = ContinuousClock.now
        let clock: @Sendable () -> Microseconds = { 1_795_348_800_000_000 + (ContinuousClock.now - start).microseconds }
        let memory = MemoryLedger(clock: clock)
        let coordinators = (0..<3).map { _ in RateCoordinator(clientID: "fast", plan: plan, ledger: Ledger(memory)) }
        let log = try await withThrowingTaskGroup(of: UseLog.self) { group in
            for coordinator in coordinators {
                group.addTask {
                    try await coordinator.run()
                    return UseLog()
                }
            }
            for task in 0..<8 { group.addTask { try await Self.greedy(coordinators[task % 3], 2_500, clock) } }
            var log = UseLog()
            for _ in 0..<8 { log.add(try await group.next() ?? UseLog()) }
            for coordinator in coordinators { coordinator.shutdown() }
            try await group.waitForAll()
            return log
        }
        for (_, capacity, window) in windows {
            let most = log.most(within: window)
            #expect(most <= capacity)
            // The limit was reached, or the test would say little: a slow machine makes ten times as many calls.
            #expect(most > capacity / 2)
        }
        let status = try #require(try await memory.status(tenants: [], in: coordinators[0].group))
        #expect(status.budgets[0].outstanding == 0 && status.instances.isEmpty)
        for statistics in coordinators.map(\.statistics) {
            #expect(statistics.acquired <= statistics.granted)
            #expect(statistics.acquired == statistics.accepted + statistics.cancelled + statistics.dropped)
            #expect(statistics.outstanding == 0 && statistics.pooled == 0)
        }
    }

    /// Calls as fast as permitted: every seventh is given back, every 31st lasts a moment.
    private static func greedy(
        _ coordinator: RateCoordinator, _ calls: Int, _ clock: @Sendable () -> Microseconds
    ) async throws -> UseLog {
        var log = UseLog()
        for call in 1...calls {
            let lease = try await coordinator.acquire(timeout: .never)
            guard call % 7 > 0 else {
                lease.cancel()
                continue
            }
            if call % 31 == 0 { await Task.yield() }
            log.note(clock())
            if call % 11 > 0 { _ = lease.complete(VendorReading(status: 200)) }
        }
        return log
    }

    @Test("At 25 a second, with instances that are cut off and come back, no window has more than it allows")
    func cutOffs() async throws {
        let plan = try Plan(
            name: "slow",
            productLimits: [
                Limit(.spike, capacity: 25, window: .paced(.seconds(1))),
                Limit(.throttle, capacity: 150, window: .rolling(.seconds(10))),
            ])
        let clock = ManualClock.exact()
        let first = Bench(plan, clock: clock)
        let benches = [first] + (0..<2).map { _ in Bench(plan, clock: clock, memory: first.memory) }
        let record = Record<Microseconds>()
        try await benches[0].running { _ in
            try await benches[1].running(learns: false) { _ in
                try await benches[2].running(learns: false) { _ in
                    await withTaskGroup(of: Void.self) { group in
                        for caller in 0..<12 {
                            group.addTask { await Self.careful(benches[caller % 3], caller, record) }
                        }
                        for step in 0..<1_200 {
                            // One after another is cut off for 12 s, longer than its time to live.
                            if step % 300 == 0 { benches[step / 300 % 3].ledger.cut(true) }
                            if step % 300 == 240 { for bench in benches { bench.ledger.cut(false) } }
                            await clock.advance(by: .milliseconds(50))
                        }
                        group.cancelAll()
                    }
                }
            }
        }
        var uses = UseLog()
        for time in record.all { uses.note(time) }
        #expect(uses.most(within: .seconds(10)) <= 150)
        #expect(uses.most(within: .milliseconds(900)) <= 25)
        #expect(uses.count > 500)
    }

    /// Calls as fast as permitted, with a look before each call as the convenience calls have it.
    private static func careful(_ bench: Bench, _ caller: Int, _ uses: Record<Microseconds>) async {
        while !Task.isCancelled {
            guard let lease = try? await bench.coordinator.acquire(timeout: .never) else { return }
            guard lease.isUsable else {
                lease.cancel()
                continue
            }
            uses.add(bench.clock.microseconds)
            try? await bench.clock.sleep(for: .milliseconds(20 + 7 * caller))
            _ = lease.complete(VendorReading(status: 200))
        }
    }
}
