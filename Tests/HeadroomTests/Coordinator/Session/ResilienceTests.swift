// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: when things break", .tags(.threads), .timeLimit(.minutes(10)))
struct ResilienceTests {
    @Test(
        "An exchange whose request or reply was lost is repeated as it was, and counts once",
        arguments: [
            [FlakyLedger.Fault.before], [.after], [.after, .before, .after, .before],
        ])
    func lostExchange(_ faults: [FlakyLedger.Fault]) async throws {
        try await Bench(.minute(100)).running { bench in
            bench.ledger.fail(faults)
            let before = bench.ledger.exchanges.count
            let verdict = try await bench.call()
            #expect(verdict == .accepted)
            await bench.pass(.seconds(3))
            let repeated = bench.ledger.exchanges[before...].prefix(faults.count + 1)
            #expect(repeated.count == faults.count + 1 && Set(repeated).count == 1)
            let spent = try await bench.spent(.throttle)
            #expect(spent == 4)
            #expect(try await bench.status().budgets[0].outstanding == 0)
        }
    }

    @Test("A lost settlement is repeated and counts once")
    func lostSettlement() async throws {
        try await Bench(.minute(100)).running { bench in
            let lease = Task { try await bench.coordinator.acquire().complete(VendorReading(status: 200)) }
            _ = try await bench.finish(lease)
            bench.ledger.fail([.after, .after, .before])
            await bench.pass(.seconds(5))
            let spent = try await bench.spent(.throttle)
            #expect(spent == 4)
            #expect(bench.coordinator.statistics.outstanding == 0)
            #expect(try await bench.status().budgets[0].outstanding == 0)
        }
    }

    @Test("A ledger out of reach is one event, and so is its return; waiters are served then")
    func outage() async throws {
        try await Bench(.minute(100)).running { bench in
            let events = collect(bench)
            bench.ledger.cut(true)
            let call = Task { try await bench.coordinator.acquire().complete(VendorReading(status: 200)) }
            await bench.pass(.seconds(4))
            bench.ledger.cut(false)
            let verdict = try await bench.finish(call)
            #expect(verdict == .accepted)
            #expect(
                events.all == [
                    .ledgerUnavailable(message: "ledger unavailable: cut off by the test"), .ledgerAvailable,
                ])
        }
    }

    @Test("A request that the ledger finds invalid is an error for those who wait, and the coordinator goes on")
    func invalid() async throws {
        try await Bench(.minute(100)).running { bench in
            bench.ledger.fail([.invalid, .invalid, .invalid])
            let error = await #expect(throws: RateLimitError.self) { try await bench.call() }
            #expect(error?.code == .ledgerUnavailable && error?.message.contains("found invalid by the test") == true)
            let verdict = try await bench.call()
            #expect(verdict == .accepted)
        }
    }

    @Test("After its time to live an instance joins again: what was spent counts once, and an old lease is not usable")
    func expiry() async throws {
        try await Bench(.minute(100)).running { bench in
            let events = collect(bench)
            let coordinator = bench.coordinator
            let isTaken = Flag()
            let lasting = Task {
                let lease = try await coordinator.acquire()
                isTaken.set()
                try await bench.clock.sleep(for: .seconds(20))
                let isUsable = lease.isUsable
                _ = lease.complete(VendorReading(status: 200))
                return isUsable
            }
            while !isTaken.isSet { await bench.pass(.milliseconds(1)) }
            // Two calls end without the ledger learning of it; it counts them as spent at the end of the time to live.
            let calls = (0..<2).map { _ in
                Task { try await coordinator.acquire().complete(VendorReading(status: 200)) }
            }
            for call in calls { _ = try await bench.finish(call, step: .milliseconds(1)) }
            bench.ledger.cut(true)
            await bench.pass(.seconds(12))
            // Another instance calls: the ledger ends the one that was cut off.
            try await Bench(.minute(100), clock: bench.clock, memory: bench.memory).running(learns: false) { other in
                _ = try await other.call()
                await other.pass(.milliseconds(200))
            }
            let counted = try await bench.spent(.throttle)
            #expect(counted == 3 + 1 + 2 + 1)
            bench.ledger.cut(false)
            let wasUsable = try await bench.finish(lasting)
            #expect(!wasUsable)
            let verdict = try await bench.call()
            #expect(verdict == .accepted)
            await bench.pass(.milliseconds(300))
            // The lease counts twice, as spent at the end of the time to live and at its own: safe. Nothing else does.
            let spent = try await bench.spent(.throttle)
            #expect(spent == counted + 2)
            #expect(try await bench.status().budgets[0].outstanding == 0)
            #expect(events.all.contains(.rejoined(lostMemory: false)))
        }
    }

    @Test("A ledger that has lost its memory gets all that still counts: the account is whole again")
    func lostMemory() async throws {
        try await Bench(.minute(100)).running { bench in
            let events = collect(bench)
            for tenant in [nil, "a", "b", "a"] { _ = try await bench.call(tenant: tenant) }
            await bench.pass(.seconds(20))
            _ = try await bench.call()
            let before = try await bench.spent(.throttle)
            bench.memory.loseMemory()
            await bench.pass(.seconds(4))
            let after = try await bench.spent(.throttle)
            #expect(before == 7 && after == 8)
            #expect(events.all.contains(.rejoined(lostMemory: true)))
            #expect(bench.ledger.joins.count == 2)
            // It ages as before: the first seven leave a minute after they were made.
            await bench.pass(.seconds(38))
            let aged = try await bench.spent(.throttle)
            #expect(aged == 1)
        }
    }

    @Test("The orderly end settles what was spent, gives back what was not used, and leaves no instance behind")
    func end() async throws {
        let bench = try Bench(.minute(100))
        try await bench.running { bench in
            let waiting = Task { try await bench.coordinator.acquire().complete(VendorReading(status: 200)) }
            _ = try await bench.finish(waiting, step: .milliseconds(1))
            let start = bench.clock.now
            bench.coordinator.shutdown()
            let late = await #expect(throws: RateLimitError.self) { try await bench.coordinator.acquire().cancel() }
            #expect(late?.code == .stopped)
            #expect(bench.clock.now == start)
        }
        let status = try await bench.status()
        #expect(status.instances.isEmpty && status.budgets[0].outstanding == 0)
        #expect(status.budgets[0].limits[0].spent == 4)
        #expect(bench.ledger.exchanges.last?.isLast == true)
    }

    @Test("The end does not wait for a ledger that is out of reach for longer than two seconds")
    func endCutOff() async throws {
        let bench = try Bench(.minute(100))
        let run = Task { try await bench.coordinator.run() }
        try await bench.learn()
        bench.ledger.cut(true)
        run.cancel()
        try await bench.finish(run, step: .milliseconds(50), within: .milliseconds(2_200))
    }

    private func collect(_ bench: Bench) -> Record<CoordinatorEvent.Detail> {
        let record = Record<CoordinatorEvent.Detail>()
        let stream = bench.coordinator.events()
        Task { for await event in stream { record.add(event.detail) } }
        return record
    }
}
