// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("A ledger as users see it")
struct LedgerTests {
    @Test("What is looked at is what the coordinator of the client id knows")
    func status() async throws {
        let bench = Bench(.keapOAuth)
        let ledger = Ledger(bench.memory)
        #expect(try await ledger.status(of: "test") == nil)
        try await bench.running { bench in
            _ = try await bench.call(tenant: "ab123")
            await bench.pass(.milliseconds(200))
            let tenant = try #require(Tenant("ab123"))
            let status = try #require(try await ledger.status(of: "test", tenants: [tenant]))
            #expect(status.instances.map(\.id) == [bench.coordinator.instance.text])
            #expect(status.budgets.map(\.scope) == [.product, .tenant(tenant)])
            let gauges = status.budgets.flatMap(\.gauges)
            #expect(Set(gauges.map(\.limit)) == Set(bench.coordinator.gauges.map(\.limit)))
            let minute = try #require(gauges.first { $0.limit == LimitReference(.product, .throttle) })
            let outstanding = status.budgets[0].outstanding
            #expect(minute.capacity == 1_500 && minute.used == 4 + outstanding && minute.pausedFor == .zero)
            #expect(gauges.first { $0.limit.name == .spike }?.used == 0, "a paced limit is not counted")
        }
    }

    @Test("A hold stops a client id until it is ended")
    func hold() async throws {
        let bench = Bench(.keapOAuth)
        let ledger = Ledger(bench.memory)
        try await bench.running { _ in
            try await ledger.hold("test", for: .seconds(600))
            #expect(try await ledger.status(of: "test")?.holdFor == .seconds(600))
            try await ledger.hold("test", for: nil)
            #expect(try await ledger.status(of: "test")?.holdFor == .zero)
        }
    }

    @Test("A ledger that fails says so by the one error, with its own beneath")
    func failure() async throws {
        let ledger = Ledger(BrokenLedger())
        for operation in [
            { _ = try await ledger.status(of: "test") }, { try await ledger.hold("test", for: nil) },
        ] as [() async throws -> Void] {
            let error = await #expect(throws: RateLimitError.self) { try await operation() }
            #expect(error?.code == .ledgerUnavailable && (error?.underlying as? LedgerError)?.code == .unavailable)
        }
    }
}

/// A ledger that cannot be reached.
private struct BrokenLedger: LedgerStore {
    func join(_ request: JoinRequest, in group: BudgetGroup) async throws(LedgerError) -> JoinReply { throw error }

    func exchange(_ request: ExchangeRequest, in group: BudgetGroup) async throws(LedgerError) -> ExchangeReply {
        throw error
    }

    func status(tenants: [Tenant], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus? { throw error }

    func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError) { throw error }

    private var error: LedgerError { LedgerError(.unavailable, "broken by the test") }
}
