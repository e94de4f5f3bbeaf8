// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport
import HeadroomTesting
import Testing

@Suite("Workers that do not end their leases", .tags(.threads), .serialized, .timeLimit(.minutes(10)))
struct LeaseFaultTests {
    private static let capacity = 20

    /// Takes a lease and keeps it until the clock shows a time; nil: it is dropped at once. Then it is completed.
    private func take(_ bench: TimedBench, _ index: Int, for span: Duration?) async throws -> Task<Void, any Error> {
        let (coordinator, clock) = (bench.coordinators[index], bench.clock)
        let isTaken = Mutex(false)
        let holder = Task {
            let lease = try await coordinator.acquire()
            isTaken.withLock { $0 = true }
            guard let span else { return }
            try await clock.sleep(for: span)
            _ = lease.complete(VendorReading(status: 200))
        }
        for _ in 0..<500 where !isTaken.withLock({ $0 }) { await bench.pass(.milliseconds(10)) }
        #expect(isTaken.withLock { $0 })
        return holder
    }

    private func bench(_ count: Int) throws -> TimedBench {
        let limit = try Limit(.throttle, capacity: Self.capacity, window: .rolling(.seconds(60)))
        return try TimedBench(count, plan: Plan(name: "minute", productLimits: [limit]))
    }

    /// How many leases a worker gets at once, each completed.
    private func use(_ bench: TimedBench, _ index: Int) async throws -> Int {
        let coordinator = bench.coordinators[index]
        return try await bench.finish(
            Task {
                var count = 0
                while count <= Self.capacity, let lease = try? await coordinator.acquire(timeout: .seconds(2)) {
                    _ = lease.complete(VendorReading(status: 200))
                    count += 1
                }
                return count
            })
    }

    @Test("Leases that are dropped count as spent at once; those never ended are outstanding for 5 minutes, then spent")
    func leaks() async throws {
        let bench = try bench(2)
        try await bench.running {
            for _ in 0..<3 { _ = try await take(bench, 0, for: nil) }
            await bench.pass(.seconds(1))
            #expect(try await bench.counts() == [3, 0])
            var holders: [Task<Void, any Error>] = []
            for _ in 0..<12 { holders.append(try await take(bench, 0, for: .seconds(86_400))) }
            await bench.pass(.seconds(240), step: .seconds(1))
            #expect(try await bench.counts() == [0, 12])
            #expect(try await use(bench, 1) == Self.capacity - 12, "the other has what is left, and no more")
            await bench.pass(.seconds(62), step: .seconds(1))
            let counts = try await bench.counts()
            #expect(counts[0] >= 12 && counts[1] == 0)
            await bench.pass(.seconds(62), step: .seconds(1))
            #expect(try await use(bench, 1) == Self.capacity)
            #expect(bench.coordinators[0].statistics.dropped == 15)
            for holder in holders { holder.cancel() }
            print(
                "A worker leaks 12 leases | never ended | 0 429s | none | 0 | 12 calls of every minute, for 5 minutes and one"
            )
        }
    }

    @Test("A lease that is kept for minutes is outstanding all the time, and counts for a window from its end")
    func kept() async throws {
        let bench = try bench(2)
        try await bench.running {
            for _ in 0..<3 { _ = try await bench.finish(take(bench, 1, for: .zero)) }
            let holder = try await take(bench, 0, for: .seconds(200))
            for _ in 0..<3 {
                await bench.pass(.seconds(61), step: .seconds(1))
                #expect(try await bench.counts() == [0, 1])
            }
            await bench.pass(.seconds(19), step: .seconds(1))
            try await bench.finish(holder)
            await bench.pass(.seconds(50), step: .seconds(1))
            #expect(try await bench.counts() == [1, 0])
            await bench.pass(.seconds(12), step: .seconds(1))
            #expect(try await bench.counts() == [0, 0])
            print(
                "A worker holds a lease for 200 s | manual clock | 0 429s | none | 0 | 1 call of every minute meanwhile"
            )
        }
    }
}
