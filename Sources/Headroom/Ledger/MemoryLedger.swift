// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// A ledger in this process's memory: for a single process, and for tests.
///
/// Safe to share between coordinators and tasks. Its state ends with it.
package final class MemoryLedger: LedgerStore {
    private let groups = Mutex<[BudgetGroup: GroupAccount]>([:])
    private let clock: @Sendable () -> Microseconds

    /// Makes an empty ledger.
    ///
    /// - Parameter clock: What time it is, in microseconds since 1970. Default: the system's clock.
    package init(clock: @escaping @Sendable () -> Microseconds = SystemClock.now) { self.clock = clock }

    package func join(_ request: JoinRequest, in group: BudgetGroup) async throws(LedgerError) -> JoinReply {
        try request.validate()
        let now = clock()
        return groups.withLock { groups in
            let isNew = groups[group] == nil
            return groups[
                group, default: GroupAccount(epoch: request.proposedEpoch, now: now, settings: request.settings)
            ]
            .join(request, isNew: isNew, at: now)
        }
    }

    package func exchange(_ request: ExchangeRequest, in group: BudgetGroup) async throws(LedgerError) -> ExchangeReply
    {
        try request.validate()
        let now = clock()
        return groups.withLock { $0[group]?.exchange(request, at: now) ?? .unknownInstance }
    }

    package func status(tenants: [Tenant], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus? {
        let now = clock()
        // Of a copy: looking changes nothing.
        var account = groups.withLock { $0[group] }
        return account?.status(tenants: tenants, at: now)
    }

    package func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError) {
        let now = clock()
        groups.withLock { $0[group]?.hold(for: span, at: now) }
    }

    /// The whole account, to compare with another ledger's.
    package func state(of group: BudgetGroup) -> GroupAccount? { groups.withLock { $0[group] } }

    /// Loses the whole account, as a Redis that restarts empty does.
    package func loseMemory() { groups.withLock { $0 = [:] } }
}
