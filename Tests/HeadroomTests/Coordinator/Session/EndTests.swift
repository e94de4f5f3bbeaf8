// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: the end of run()", .tags(.threads), .timeLimit(.minutes(10)))
struct EndTests {
    @Test("The end does not wait for an operation that is never answered for longer than two seconds")
    func unanswered() async throws {
        let bench = try Bench(.minute(100))
        let isEnded = Flag()
        let run = Task {
            try await bench.coordinator.run()
            isEnded.set()
        }
        try await bench.learn()
        bench.ledger.stall([.exchange])
        await bench.pass(.seconds(3))
        run.cancel()
        await bench.pass(.milliseconds(2_100))
        await bench.clock.settle(until: { isEnded.isSet })
        #expect(isEnded.isSet)
        bench.ledger.stall([])
        try await run.value
    }

    @Test("What is granted while run() ends is given back, for nobody can use it any more")
    func grantedTooLate() async throws {
        let bench = try Bench(.minute(100))
        try await bench.running { bench in
            bench.ledger.stall([.exchange])
            let before = bench.ledger.exchanges.count
            let caller = Task { try await bench.coordinator.acquire().cancel() }
            await bench.clock.settle(until: { bench.ledger.exchanges.dropFirst(before).contains { !$0.wants.isEmpty } })
            await bench.pass(.milliseconds(1))
            bench.coordinator.shutdown()
            _ = await caller.result
            bench.ledger.stall([])
        }
        let status = try await bench.status()
        #expect(status.budgets[0].limits[0].spent == 3)
        #expect(status.budgets[0].outstanding == 0 && status.instances.isEmpty)
    }

    @Test("Permits whose slot has not come at the end are given back, and their callers learn of the end")
    func beforeItsSlot() async throws {
        let bench = try Bench(
            Plan(
                name: "slow",
                productLimits: [
                    Limit(.spike, capacity: 5, window: .paced(.seconds(1))),
                    Limit(.throttle, capacity: 1000, window: .rolling(.seconds(60))),
                ]))
        try await bench.running { bench in
            let callers = (0..<3).map { _ in Task { try await bench.coordinator.acquire().cancel() } }
            let isReady = {
                let statistics = bench.coordinator.statistics
                return statistics.acquired == 4 && statistics.pooled == 1
            }
            for _ in 0..<2_000 where !isReady() { await bench.pass(.milliseconds(1)) }
            #expect(isReady())
            bench.coordinator.shutdown()
            await bench.pass(.seconds(1))
            for caller in callers { _ = await caller.result }
        }
        let spent = try await bench.spent(.throttle)
        #expect(spent == 3)
        #expect(bench.coordinator.statistics.pooled == 0)
        #expect(bench.coordinator.statistics.failed == 2)
    }

    @Test("Streams of events end with a coordinator that is shut down before it ran")
    func neverRan() async throws {
        let bench = try Bench(.minute(100))
        let stream = bench.coordinator.events()
        bench.coordinator.shutdown()
        let isEnded = Flag()
        let reader = Task {
            for await _ in stream {}
            isEnded.set()
        }
        await bench.clock.settle(until: { isEnded.isSet })
        #expect(isEnded.isSet)
        reader.cancel()
    }
}
