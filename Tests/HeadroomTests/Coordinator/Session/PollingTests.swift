// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: how often it asks, and what it remembers", .tags(.threads), .timeLimit(.minutes(10)))
struct PollingTests {
    @Test("More lanes than one exchange holds are all asked for, and none more often than the ledger advises")
    func manyLanes() async throws {
        try await Bench(.minute(1000)).running { bench in
            let coordinator = bench.coordinator
            try await bench.memory.hold(for: .seconds(5), in: coordinator.group)
            let before = bench.ledger.exchanges.count
            let callers = (0..<300).map { number in
                Task { try await coordinator.acquire(tenant: "t\(number)", timeout: .never).cancel() }
            }
            await bench.clock.settle(until: { coordinator.statistics.waiting == 300 })
            let all = Set((0..<300).map { Tenant("t\($0)") })
            let isAsked = { @Sendable in
                Set(bench.ledger.exchanges.dropFirst(before).flatMap(\.wants).map(\.tenant)) == all
            }
            for _ in 0..<50 where !isAsked() { await bench.pass(.milliseconds(1)) }
            #expect(isAsked())
            // From now on a heartbeat, while time stands nearly still.
            let asked = bench.ledger.exchanges.count
            await bench.clock.settle(until: { bench.ledger.exchanges.count > asked + 20 })
            #expect(bench.ledger.exchanges.count <= asked + 2)
            for caller in callers { caller.cancel() }
            for caller in callers { _ = await caller.result }
        }
    }

    @Test("Advice to a lane in which nobody waits any more does not make the others ask more often")
    func oldAdvice() async throws {
        let plan = try Plan(name: "paced", productLimits: [Limit(.spike, capacity: 25, window: .paced(.seconds(1)))])
        try await Bench(plan).running(learns: false) { bench in
            let coordinator = bench.coordinator
            let release = Flag()
            let probe = Task {
                let lease = try await coordinator.acquire()
                await release.wait()
                _ = lease.complete(VendorReading(status: 200))
            }
            for _ in 0..<1_000 where coordinator.statistics.outstanding == 0 { await bench.pass(.milliseconds(1)) }
            // It learns, one call at a time: this one has to wait, and leaves.
            let impatient = Task {
                try await coordinator.acquire(priority: .background, timeout: .milliseconds(20)).cancel()
            }
            await bench.pass(.milliseconds(50))
            await #expect(throws: RateLimitError.self) { try await impatient.value }
            release.set()
            try await probe.value
            try await bench.learn()
            let before = coordinator.statistics
            await withTaskGroup(of: Void.self) { group in
                for caller in 0..<8 {
                    group.addTask {
                        while !Task.isCancelled {
                            guard let lease = try? await coordinator.acquire(timeout: .never) else { return }
                            try? await bench.clock.sleep(for: .milliseconds(20 + 7 * caller))
                            _ = lease.complete(VendorReading(status: 200))
                        }
                    }
                }
                for _ in 0..<2_000 { await bench.clock.advance(by: .milliseconds(5)) }
                group.cancelAll()
            }
            let after = coordinator.statistics
            let calls = after.acquired - before.acquired
            #expect(calls > 220)
            #expect((after.roundTrips - before.roundTrips) * 1000 <= calls * 1200)
        }
    }

    @Test("A tenant that was served is forgotten after a while")
    func tenantsForgotten() async throws {
        try await Bench(.minute(1000)).running { bench in
            for number in 0..<50 { _ = try await bench.call(tenant: "t\(number)") }
            await bench.pass(.seconds(5))
            #expect(bench.coordinator.tenantsInPool == 0)
        }
    }

    @Test("A rejection that asks for no wait at all does not make withLease call without a pause")
    func noWait() async throws {
        try await Bench(.minute(1000)).running { bench in
            let coordinator = bench.coordinator
            let tries = Record<Microseconds>()
            let task = Task {
                try await coordinator.withLease(timeout: .seconds(2)) { lease in
                    tries.add(bench.clock.microseconds)
                    let rejection = VendorReading(status: 429, retryAfter: .zero)
                    return Completion(verdict: lease.complete(rejection), value: ())
                }
            }
            await #expect(throws: RateLimitError.self) { try await bench.finish(task) }
            #expect((2...20).contains(tries.all.count))
        }
    }
}
