// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

/// Passes everything on to another ledger, and knows whether an answer is still to come: a manual clock waits for it.
final class AwaitedLedger: LedgerStore {
    private let ledger: any LedgerStore
    private let underWay = Mutex(0)

    init(_ ledger: any LedgerStore) { self.ledger = ledger }

    /// Whether an operation is under way.
    var isBusy: Bool { underWay.withLock { $0 > 0 } }

    func join(_ request: JoinRequest, in group: BudgetGroup) async throws(LedgerError) -> JoinReply {
        begin()
        defer { end() }
        return try await ledger.join(request, in: group)
    }

    func exchange(_ request: ExchangeRequest, in group: BudgetGroup) async throws(LedgerError) -> ExchangeReply {
        begin()
        defer { end() }
        return try await ledger.exchange(request, in: group)
    }

    func status(tenants: [Tenant], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus? {
        try await ledger.status(tenants: tenants, in: group)
    }

    func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError) {
        try await ledger.hold(for: span, in: group)
    }

    private func begin() { underWay.withLock { $0 += 1 } }
    private func end() { underWay.withLock { $0 -= 1 } }
}
