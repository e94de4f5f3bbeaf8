// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: many tasks at once, in real time", .tags(.threads), .timeLimit(.minutes(10)))
struct RaceTests {
    @Test("Whatever 64 tasks do with their leases, each ends once: nothing stays outstanding and nothing is lost")
    func endings() async throws {
        let plan = try Plan(
            name: "wide",
            productLimits: [Limit(.throttle, capacity: 1_000_000, window: .rolling(.seconds(60)))])
        let memory = MemoryLedger()
        var configuration = RateCoordinator.Configuration()
        configuration.settleDelay = .milliseconds(5)
        let coordinator = RateCoordinator(
            clientID: "race", plan: plan, ledger: Ledger(memory), configuration: configuration)
        let spent = try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                try await coordinator.run()
                return 0
            }
            for task in 0..<64 { group.addTask { await Self.worker(coordinator, task) } }
            var spent = 0
            for _ in 0..<64 { spent += try await group.next() ?? 0 }
            coordinator.shutdown()
            while let more = try await group.next() { spent += more }
            return spent
        }
        let status = try #require(try await memory.status(tenants: [], in: coordinator.group))
        #expect(status.budgets[0].outstanding == 0)
        #expect(status.budgets[0].limits[0].spent == Int64(spent))
        #expect(status.instances.isEmpty)
        let statistics = coordinator.statistics
        #expect(statistics.outstanding == 0 && statistics.waiting == 0 && statistics.pooled == 0)
        #expect(spent > 500)
    }

    /// Completes, drops, cancels, is cancelled and times out, one after another; returns how many leases count as
    /// spent.
    private static func worker(_ coordinator: RateCoordinator, _ number: Int) async -> Int {
        var spent = 0
        for round in 0..<40 {
            let kind = (round + number) % 6
            let tenant: String? = number % 3 == 0 ? "t\(number % 4)" : nil
            let priority = Priority.allCases[number % 3]
            let task = Task { () -> Int in
                guard
                    let lease = try? await coordinator.acquire(
                        tenant: tenant, priority: priority, timeout: kind == 5 ? .milliseconds(1) : .seconds(30))
                else { return 0 }
                switch kind {
                case 0: lease.cancel()
                case 1: return 1
                default: _ = lease.complete(VendorReading(status: round == 39 ? 500 : 200))
                }
                return kind == 0 ? 0 : 1
            }
            if kind == 4 {
                for _ in 0..<(round % 7) { await Task.yield() }
                task.cancel()
            }
            spent += await task.value
        }
        return spent
    }
}
