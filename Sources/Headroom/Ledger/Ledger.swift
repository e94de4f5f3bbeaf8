// SPDX-License-Identifier: Apache-2.0

/// The shared account of a client id: who may call, how many calls count, what the vendor said.
///
/// Two places can keep it: ``memory``, for a single process and for tests, and Redis (`.redis(…)` of `HeadroomRedis`),
/// which makes many processes one. A coordinator does everything with its ledger by itself; a user may look at an
/// account with ``status(of:tenants:)`` and stop it with ``hold(_:for:)``. Both are safe to call from any task.
///
/// A ledger of one's own cannot be written outside this package: what a ledger must keep is said by a contract of some
/// hundred rules whose form still changes from version to version.
public struct Ledger: Sendable {
    /// What keeps the account.
    package let store: any LedgerStore

    package init(_ store: some LedgerStore) { self.store = store }

    /// A new ledger in this process's memory. Its state ends with it.
    public static var memory: Ledger { Ledger(MemoryLedger()) }

    /// The state of the product's budget, of all instances, and of the tenants named. `nil` if the client id has no
    /// account yet.
    ///
    /// - Parameters:
    ///   - clientID: Whose account.
    ///   - tenants: Whose budgets to look at, too. Default: none.
    /// - Throws: ``RateLimitError`` with the code `ledgerUnavailable` if the account cannot be reached, or not be read.
    public func status(of clientID: String, tenants: [Tenant] = []) async throws(RateLimitError) -> LedgerStatus? {
        do throws(LedgerError) {
            return try await store.status(tenants: tenants, in: BudgetGroup(clientID: clientID))
        } catch {
            throw RateLimitError(error)
        }
    }

    /// Holds all grants of a client id for a span, or resumes them.
    ///
    /// - Parameters:
    ///   - clientID: Whose account.
    ///   - span: How long nobody is granted anything, at most ten years; `nil` ends a hold.
    /// - Throws: ``RateLimitError`` with the code `ledgerUnavailable` if the account cannot be reached, or not be read.
    public func hold(_ clientID: String, for span: Duration?) async throws(RateLimitError) {
        do throws(LedgerError) {
            try await store.hold(for: span, in: BudgetGroup(clientID: clientID))
        } catch {
            throw RateLimitError(error)
        }
    }
}
