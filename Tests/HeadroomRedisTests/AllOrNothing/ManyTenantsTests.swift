// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisTestServer
import Testing

@Suite("More tenants than an entry list holds", .serialized, .timeLimit(.minutes(10)))
struct ManyTenantsTests {
    @Test("An instance with calls of them under way joins again, and nothing stays outstanding once they have ended")
    func joinsAgain() async throws {
        let (bench, count) = (try FaultBench(), ExchangeRequest.maximumEntries + 44)
        let coordinator = RateCoordinator(
            clientID: "many", plan: try .longWindow(), ledger: Ledger(try bench.patientLedger()),
            logger: bench.log.logger("coordinator"))
        let running = Task { try await coordinator.run() }
        let ledger = try bench.direct()
        try await learn(coordinator)
        let outstanding = { await self.outstanding(ledger, coordinator.group, count) }

        let isEnding = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    let lease = try await coordinator.acquire(tenant: "t\(number)", timeout: .after(.seconds(60)))
                    while isEnding.value == 0 { try? await Task.sleep(for: .milliseconds(10)) }
                    _ = lease.complete(VendorReading(status: 200))
                }
            }
            #expect(await eventually { await outstanding() == [count, count] })
            try bench.server.command("FLUSHALL")
            #expect(await eventually { await outstanding()?.first == count })
            isEnding.add()
            try await group.waitForAll()
        }
        let isSettled = await eventually { await outstanding() == [0, 0] }
        let left = await outstanding() ?? []
        #expect(isSettled, "outstanding of the product and of all tenants: \(left)")
        let status = try #require(try await ledger.status(tenants: [], in: coordinator.group))
        print("\(count) tenants: outstanding \(left), spent \(status.spent() ?? -1)")
        #expect(status.spent() == Int64(count + 3))
        coordinator.shutdown()
        try await running.value
    }

    /// Ends the careful beginning of the account: three calls.
    private func learn(_ coordinator: RateCoordinator) async throws {
        for _ in 0..<3 {
            let lease = try await coordinator.acquire(timeout: .after(.seconds(60)))
            _ = lease.complete(VendorReading(status: 200))
        }
    }

    /// Permits outstanding of the product, and of all tenants.
    private func outstanding(_ ledger: RedisLedger, _ group: BudgetGroup, _ count: Int) async -> [Int]? {
        let tenants = (0..<count).compactMap { Tenant("t\($0)") }
        guard let status = try? await ledger.status(tenants: tenants, in: group) else { return nil }
        let all = status.budgets.map { Int($0.outstanding) }
        return [all[0], all.dropFirst().reduce(0, +)]
    }
}
