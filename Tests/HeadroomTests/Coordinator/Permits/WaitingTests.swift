// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: waiting", .tags(.threads), .timeLimit(.minutes(10)))
struct WaitingTests {
    /// Starts callers one after another, each when the one before waits.
    private func queue(
        _ bench: Bench, _ callers: [(name: String, priority: Priority)], timeout: Timeout = .seconds(60),
        _ served: Record<String>
    ) async -> [Task<Void, any Error>] {
        var tasks: [Task<Void, any Error>] = []
        for (index, caller) in callers.enumerated() {
            tasks.append(
                Task {
                    let lease = try await bench.coordinator.acquire(priority: caller.priority, timeout: timeout)
                    served.add(caller.name)
                    lease.cancel()
                })
            await bench.clock.settle(until: { bench.coordinator.statistics.waiting > index })
        }
        return tasks
    }

    @Test("Callers are served by priority, and within one in the order they came")
    func order() async throws {
        let plan = try Plan(name: "paced", productLimits: [Limit(.spike, capacity: 10, window: .paced(.seconds(1)))])
        try await Bench(plan).running { bench in
            try await bench.memory.hold(for: .seconds(1), in: bench.coordinator.group)
            let served = Record<String>()
            let tasks = await queue(
                bench,
                [
                    ("b1", .background), ("n1", .normal), ("i1", .interactive), ("n2", .normal), ("b2", .background),
                    ("i2", .interactive),
                ], served)
            await bench.pass(.seconds(4))
            #expect(served.all == ["i1", "i2", "n1", "n2", "b1", "b2"])
            for task in tasks { try await bench.finish(task) }
        }
    }

    @Test("A caller waits until its timeout and no longer, and the error names what was short")
    func timeout() async throws {
        try await Bench(.minute(10)).running { bench in
            bench.ledger.cut(true)
            let start = bench.clock.now
            let task = Task { try await bench.coordinator.acquire(timeout: .seconds(3)).cancel() }
            let error = await #expect(throws: RateLimitError.self) {
                try await bench.finish(task, step: .milliseconds(20))
            }
            #expect(error?.code == .ledgerUnavailable)
            #expect(error?.message.contains("cut off by the test") == true)
            let waited = start.duration(to: bench.clock.now)
            #expect(waited >= .seconds(3) && waited < .milliseconds(3_100))
            bench.ledger.cut(false)
        }
    }

    @Test("Whoever cannot be served before the timeout learns so at once, with the limit and the time")
    func exhausted() async throws {
        try await Bench(.day(5)).running { bench in
            for _ in 0..<2 { _ = try await bench.call() }
            await bench.pass(.milliseconds(300))
            let start = bench.clock.now
            let error = await #expect(throws: RateLimitError.self) { try await bench.call(timeout: .seconds(30)) }
            #expect(start.duration(to: bench.clock.now) < .milliseconds(50))
            #expect(error?.code == .exhausted)
            #expect(error?.limit == LimitReference(.product, .quota))
            let reset = try await bench.status().budgets[0].limits[0].resetsIn
            #expect(abs((error?.availableIn ?? .zero).microseconds - reset.microseconds) < 1_000_000)
            #expect(error?.message.contains("limit quota is used up: it starts anew at 20") == true)
            // The second one is not even asked for.
            let exchanges = bench.coordinator.statistics.roundTrips
            await #expect(throws: RateLimitError.self) {
                try await bench.coordinator.acquire(timeout: .seconds(30)).cancel()
            }
            #expect(bench.coordinator.statistics.roundTrips - exchanges <= 1)
        }
    }

    @Test("Without a timeout a caller waits for the day to roll over, and is served then")
    func patient() async throws {
        try await Bench(.day(5)).running { bench in
            for _ in 0..<2 { _ = try await bench.call() }
            let coordinator = bench.coordinator
            let task = Task { try await coordinator.acquire(timeout: .never).cancel() }
            try await bench.finish(task, step: .seconds(60), within: .seconds(90_000))
            #expect(bench.clock.microseconds % 86_400_000_000 < 3_600_000_000)
        }
    }

    @Test("A caller cancelled while it waits leaves; one cancelled before its slot passes the permit on at once")
    func cancellation() async throws {
        let plan = try Plan(name: "paced", productLimits: [Limit(.spike, capacity: 20, window: .paced(.seconds(1)))])
        try await Bench(plan).running { bench in
            try await bench.memory.hold(for: .milliseconds(500), in: bench.coordinator.group)
            let served = Record<String>()
            let names = ["a", "b", "c", "d", "e", "f", "g", "h"]
            let tasks = await queue(bench, names.map { ($0, .normal) }, served)
            tasks[7].cancel()
            await #expect(throws: RateLimitError.self) { try await bench.finish(tasks[7]) }
            #expect(bench.coordinator.statistics.waiting == 7)
            while served.all.isEmpty { await bench.pass(.milliseconds(1)) }
            // The next ones have slots ahead, the last ones wait for a permit.
            let before = bench.coordinator.statistics
            #expect(served.all == ["a"] && before.waiting >= 1 && before.pooled >= 2)
            tasks[1].cancel()
            await #expect(throws: RateLimitError.self) { try await bench.finish(tasks[1], step: .microseconds(1)) }
            let after = bench.coordinator.statistics
            #expect(after.waiting == before.waiting - 1 && after.pooled == before.pooled)
            #expect(after.roundTrips == before.roundTrips)
            await bench.pass(.seconds(2))
            #expect(served.all.sorted() == ["a", "c", "d", "e", "f", "g"])
            #expect(try await bench.status().budgets[0].outstanding == 0)
            #expect(bench.coordinator.statistics.outstanding == 0)
        }
    }

    @Test("A caller that is cancelled already gets no permit")
    func cancelledBefore() async throws {
        try await Bench(.minute(10)).running { bench in
            let coordinator = bench.coordinator
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                try await coordinator.acquire().cancel()
            }
            task.cancel()
            let error = await #expect(throws: RateLimitError.self) { try await bench.finish(task) }
            #expect(error?.code == .cancelled)
        }
    }

    @Test("More callers than the configuration allows fail at once")
    func tooMany() async throws {
        var configuration = RateCoordinator.Configuration()
        configuration.maximumWaiters = 2
        try await Bench(.minute(10), configuration: configuration).running { bench in
            bench.ledger.cut(true)
            let tasks = await queue(bench, [("a", .normal), ("b", .normal)], timeout: .seconds(1), Record())
            let error = await #expect(throws: RateLimitError.self) { try await bench.coordinator.acquire().cancel() }
            #expect(error?.code == .tooManyWaiters)
            await bench.pass(.seconds(2))
            for task in tasks { _ = await task.result }
            bench.ledger.cut(false)
        }
    }

    @Test("Before run() is started a caller waits a moment, then fails; after its end it fails at once")
    func notRunning() async throws {
        let bench = try Bench(.minute(10))
        let task = Task { try await bench.coordinator.acquire().cancel() }
        let error = await #expect(throws: RateLimitError.self) { try await bench.finish(task) }
        #expect(error?.code == .notRunning && error?.message.contains("start `run()`") == true)
        let early = Task { try await bench.coordinator.acquire().complete(VendorReading(status: 200)) }
        await bench.clock.settle(until: { bench.coordinator.statistics.waiting == 1 })
        // One that gives up sooner takes nobody with it.
        let impatient = Task { try await bench.coordinator.acquire(timeout: .milliseconds(20)).cancel() }
        await #expect(throws: RateLimitError.self) { try await bench.finish(impatient) }
        #expect(bench.coordinator.statistics.waiting == 1)
        try await bench.running(learns: false) { bench in
            let verdict = try await bench.finish(early)
            #expect(verdict == .accepted)
        }
        let late = await #expect(throws: RateLimitError.self) { try await bench.coordinator.acquire().cancel() }
        #expect(late?.code == .stopped)
        await #expect(throws: RateLimitError.self) { try await bench.coordinator.run() }
    }
}
