// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import RedisClient
import RedisTestServer
import Testing

@Suite("Coordinators that do not live long", .timeLimit(.minutes(10)))
struct ShortLivesTests {
    @Test("Hundreds of them begin, make a call and end, several at a time, and leave nothing behind")
    func many() async throws {
        let server = try RedisTestServer()
        let ledger = RedisLedger(try connection(server))
        let log = LogCollector()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for _ in 0..<50 {
                        let coordinator = RateCoordinator(
                            clientID: "short \(worker)", plan: .keapOAuth, ledger: Ledger(ledger),
                            logger: log.logger("coordinator"))
                        let run = Task { try await coordinator.run() }
                        _ = try await coordinator.acquire().complete(VendorReading(status: 200))
                        coordinator.shutdown()
                        try await run.value
                    }
                }
            }
            try await group.waitForAll()
        }
        for worker in 0..<8 {
            let group = BudgetGroup(clientID: "short \(worker)")
            let status = try #require(try await ledger.status(tenants: [], in: group))
            #expect(status.instances.isEmpty && status.budgets[0].outstanding == 0)
        }
    }
}
