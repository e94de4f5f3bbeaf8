// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport
import HeadroomTesting
import Testing

@Suite("Coordinator: joining again", .tags(.threads), .timeLimit(.minutes(10)))
struct RejoinTests {
    /// Callers that keep their leases until they are released.
    private func holders(_ bench: Bench, _ count: Int, until release: Flag) async -> [Task<Void, any Error>] {
        let callers = (0..<count).map { _ in
            Task {
                let lease = try await bench.coordinator.acquire()
                await release.wait()
                _ = lease.complete(VendorReading(status: 200))
            }
        }
        for _ in 0..<1_000 where bench.coordinator.statistics.outstanding < count {
            await bench.pass(.milliseconds(1))
        }
        return callers
    }

    @Test("A lease that ends while a ledger without memory takes the instance in again ends there as well")
    func endsWhileJoining() async throws {
        try await Bench(.minute(100)).running { bench in
            let release = Flag()
            let callers = await holders(bench, 2, until: release)
            bench.ledger.stall([.join])
            bench.memory.loseMemory()
            await bench.pass(.seconds(4))
            #expect(bench.ledger.joins.last?.permits == [TenantPermits(tenant: nil, count: 2)])
            release.set()
            for caller in callers { try await caller.value }
            bench.ledger.stall([])
            try await bench.becomesIdle()
            #expect(try await bench.status().budgets[0].outstanding == 0)
            let spent = try await bench.spent(.throttle)
            #expect(spent == 5)
        }
    }

    @Test("What ended before the instance had to join again does not free what callers still have in hand")
    func endedBefore() async throws {
        try await Bench(.minute(100)).running { bench in
            let release = Flag()
            let callers = await holders(bench, 2, until: release)
            await bench.pass(.milliseconds(300))
            let coordinator = bench.coordinator
            let third = try await bench.finish(
                Task { try await KeptLease(coordinator.acquire()) }, step: .milliseconds(1))
            bench.ledger.forget(true)
            third.cancel()
            for _ in 0..<300 where bench.ledger.joins.count < 2 { await bench.pass(.milliseconds(1)) }
            bench.ledger.forget(false)
            await bench.pass(.seconds(2))
            #expect(try await bench.status().budgets[0].outstanding == 2)
            release.set()
            for caller in callers { try await caller.value }
            await bench.pass(.seconds(1))
            #expect(try await bench.status().budgets[0].outstanding == 0)
            let spent = try await bench.spent(.throttle)
            #expect(spent == 5)
        }
    }

    @Test("What ended after the last request to a ledger that let the instance expire is not counted once more")
    func endedBeforeExpiry() async throws {
        try await Bench(.minute(100)).running { bench in
            let release = Flag()
            let callers = await holders(bench, 2, until: release)
            await bench.pass(.milliseconds(300))
            bench.ledger.cut(true)
            // A heartbeat is pending by then.
            await bench.pass(.seconds(4))
            release.set()
            for caller in callers { try await caller.value }
            await bench.pass(.seconds(9))
            try await Bench(.minute(100), clock: bench.clock, memory: bench.memory).running(learns: false) { other in
                await other.pass(.milliseconds(200))
            }
            let counted = try await bench.spent(.throttle)
            #expect(counted == 5)
            bench.ledger.cut(false)
            await bench.pass(.seconds(3))
            let spent = try await bench.spent(.throttle)
            #expect(spent == counted)
            #expect(try await bench.status().budgets[0].outstanding == 0)
        }
    }

    @Test("A join that the ledger finds invalid is not repeated without a pause")
    func invalidJoin() async throws {
        let bench = try Bench(.minute(100))
        bench.ledger.fail(Array(repeating: .invalid, count: 2_000))
        try await bench.running(learns: false) { bench in
            await bench.clock.settle(until: { bench.ledger.joins.count > 20 })
            await bench.pass(.seconds(2))
            #expect((1...4).contains(bench.ledger.joins.count))
        }
    }

    @Test("A thousand that find a ledger without memory do not join it at one moment, but within a second")
    func spread() async throws {
        try await Bench(.minute(100)).running { bench in
            for number in 0..<999 {
                let id = try #require(InstanceID("other-\(number)"))
                let request = JoinRequest(
                    instance: id, settings: LedgerSettings(plan: try .minute(100)), proposedEpoch: 9)
                _ = try await bench.memory.join(request, in: bench.coordinator.group)
            }
            _ = try await bench.call()
            await bench.pass(.milliseconds(200))
            var waits: [Duration] = []
            for _ in 0..<8 {
                let (joins, exchanges) = (bench.ledger.joins.count, bench.ledger.exchanges.count)
                bench.ledger.forget(true)
                let caller = Task { _ = try await bench.coordinator.acquire().complete(VendorReading(status: 200)) }
                while bench.ledger.exchanges.count == exchanges { await bench.pass(.milliseconds(1)) }
                bench.ledger.forget(false)
                let start = bench.clock.now
                while bench.ledger.joins.count == joins { await bench.pass(.milliseconds(1)) }
                waits.append(start.duration(to: bench.clock.now))
                try await bench.finish(caller)
                await bench.pass(.milliseconds(200))
            }
            let (shortest, longest) = (try #require(waits.min()), try #require(waits.max()))
            #expect(longest <= .milliseconds(1_001) && longest - shortest > .milliseconds(200), "\(waits)")
        }
    }

    @Test("A ledger that forgets the instance again and again is not joined without a pause")
    func forgetful() async throws {
        try await Bench(.minute(100)).running { bench in
            bench.ledger.forget(true)
            let caller = Task { try await bench.coordinator.acquire().cancel() }
            await bench.clock.settle(until: { bench.ledger.joins.count > 20 })
            #expect((2...3).contains(bench.ledger.joins.count))
            for _ in 0..<20 where bench.ledger.joins.count < 4 { await bench.pass(.milliseconds(500)) }
            #expect((4...5).contains(bench.ledger.joins.count))
            bench.ledger.forget(false)
            try await bench.finish(caller)
        }
    }
}

/// A lease that outlives its task.
private final class KeptLease: Sendable {
    private let lease: Mutex<Lease?>

    init(_ lease: consuming sending Lease) { self.lease = Mutex(lease) }

    func cancel() { if let lease = lease.withLock({ $0.take() }) { lease.cancel() } }
}
