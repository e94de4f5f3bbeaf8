// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: callers of an exchange that is not answered", .timeLimit(.minutes(10)))
struct UnansweredTests {
    @Test("One times out when its time has come, one is cancelled at once, and what the exchange brings is given back")
    func leaving() async throws {
        try await Bench(.minute(100)).running { bench in
            let coordinator = bench.coordinator
            let trips = coordinator.statistics.roundTrips
            bench.ledger.stall([.exchange])
            let impatient = Task { try await coordinator.acquire(timeout: .milliseconds(300)).cancel() }
            await bench.clock.settle(until: { coordinator.statistics.waiting == 1 })
            let cancelled = Task { try await coordinator.acquire(timeout: .never).cancel() }
            await bench.clock.settle(until: { coordinator.statistics.waiting == 2 })
            cancelled.cancel()
            let early = await #expect(throws: RateLimitError.self) { try await cancelled.value }
            #expect(early?.code == .cancelled && coordinator.statistics.waiting == 1)
            let start = bench.clock.now
            let late = await #expect(throws: RateLimitError.self) { try await bench.finish(impatient) }
            #expect(late?.code == .timedOut)
            #expect(start.duration(to: bench.clock.now) <= .milliseconds(400))
            bench.ledger.stall([])
            // The permit that it brought is given back when nobody takes it.
            for _ in 0..<200 where coordinator.statistics.roundTrips < trips + 2 { await bench.pass(.milliseconds(5)) }
            let budget = try await bench.status().budgets[0]
            #expect(budget.outstanding == 0 && budget.limits[0].spent == 3)
        }
    }

    @Test("A caller whose exchange failed is served when it is repeated, and no caller's cancellation breaks one off")
    func repeated() async throws {
        try await Bench(.minute(100)).running { bench in
            let coordinator = bench.coordinator
            let events = Record<CoordinatorEvent>()
            let stream = coordinator.events()
            let reader = Task { for await event in stream { events.add(event) } }
            bench.ledger.stall([.exchange])
            let cancelled = Task { try await coordinator.acquire().cancel() }
            await bench.clock.settle(until: { coordinator.statistics.waiting == 1 })
            cancelled.cancel()
            _ = await cancelled.result
            bench.ledger.stall([])
            let verdict = try await bench.call()
            #expect(verdict == .accepted && events.all.isEmpty)
            bench.ledger.fail([.before, .after])
            let second = try await bench.call()
            #expect(second == .accepted)
            reader.cancel()
        }
    }
}
