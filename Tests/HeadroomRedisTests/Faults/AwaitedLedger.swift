// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisTestServer

/// Passes everything on to another ledger, and knows whether an answer is still to come: a manual clock waits for it.
final class AwaitedLedger: LedgerStore {
    private let ledger: any LedgerStore
    /// How many answers are still to come.
    private let pending: Counter

    init(_ ledger: any LedgerStore, _ pending: Counter) { (self.ledger, self.pending) = (ledger, pending) }

    func join(_ request: JoinRequest, in group: BudgetGroup) async throws(LedgerError) -> JoinReply {
        try await awaited { [ledger] () async throws(LedgerError) in try await ledger.join(request, in: group) }
    }

    func exchange(_ request: ExchangeRequest, in group: BudgetGroup) async throws(LedgerError) -> ExchangeReply {
        try await awaited { [ledger] () async throws(LedgerError) in try await ledger.exchange(request, in: group) }
    }

    func status(tenants: [Tenant], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus? {
        try await ledger.status(tenants: tenants, in: group)
    }

    func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError) {
        try await ledger.hold(for: span, in: group)
    }

    /// In a task of its own: what follows an answer is a task's work from the moment on at which none is to come any
    /// more, and not that of the connection's thread, which the clock knows nothing of.
    private func awaited<Reply: Sendable>(
        _ operation: @escaping @Sendable () async throws(LedgerError) -> Reply
    ) async throws(LedgerError) -> Reply {
        pending.add()
        let task = Task { [pending] () -> Result<Reply, LedgerError> in
            defer { pending.add(-1) }
            do throws(LedgerError) { return .success(try await operation()) } catch { return .failure(error) }
        }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        return try result.get()
    }
}
