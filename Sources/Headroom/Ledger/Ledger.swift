// SPDX-License-Identifier: Apache-2.0

/// The shared account of a budget group: who may call, how many calls count, what the vendor said.
///
/// Two places can keep it: ``memory``, for a single process and for tests, and Redis (`.redis(…)` of `HeadroomRedis`),
/// which makes many processes one. A coordinator does everything with its ledger by itself; a user may look at an
/// account with ``status(tenants:in:)`` and stop it with ``hold(for:in:)``. Both are safe to call from any task.
///
/// A ledger of one's own cannot be written outside this package: what a ledger must keep is said by a contract of some
/// hundred rules whose form still changes from version to version.
public struct Ledger: Sendable {
    /// What keeps the account.
    package let store: any LedgerStore

    package init(_ store: some LedgerStore) { self.store = store }

    /// A new ledger in this process's memory. Its state ends with it.
    public static var memory: Ledger { Ledger(MemoryLedger()) }

    /// The state of the product's budget, of all instances, and of the tenants named. `nil` if the group has no account
    /// yet.
    ///
    /// - Parameters:
    ///   - tenants: Whose budgets to look at, too. Default: none.
    ///   - group: Which account: ``RateCoordinator/group`` of any of its coordinators.
    public func status(tenants: [Tenant] = [], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus? {
        try await store.status(tenants: tenants, in: group)
    }

    /// Holds all grants of a group for a span, or resumes them.
    ///
    /// - Parameters:
    ///   - span: How long nobody is granted anything, at most ten years; `nil` ends a hold.
    ///   - group: Which account: ``RateCoordinator/group`` of any of its coordinators.
    public func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError) {
        try await store.hold(for: span, in: group)
    }
}
