// SPDX-License-Identifier: Apache-2.0

/// What keeps the accounts of budget groups: ``MemoryLedger`` (one process, tests) and `RedisLedger` (many processes).
///
/// Both keep the same rules in the same integer arithmetic; the store's clock alone decides what time it is. Every
/// store must pass the ledger contract of `HeadroomTesting`.
///
/// Every operation is atomic, and all are safe to call from any task. An operation that fails with
/// ``LedgerError/Code-swift.struct/unavailable`` or ``LedgerError/Code-swift.struct/lost`` may be repeated as it was:
/// ``exchange(_:in:)`` recognises a repetition by its sequence number, the others set the same state twice.
package protocol LedgerStore: Sendable {
    /// Announces an instance, with its settings, its permits, and what it spent that the store has no record of.
    func join(_ request: JoinRequest, in group: BudgetGroup) async throws(LedgerError) -> JoinReply

    /// The one round trip of the hot path: settles, renews the instance, reports observations, reserves permits.
    func exchange(_ request: ExchangeRequest, in group: BudgetGroup) async throws(LedgerError) -> ExchangeReply

    /// The state of the product's budget, of all instances, and of the tenants named. `nil` if the group has no
    /// account.
    func status(tenants: [Tenant], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus?

    /// Holds all grants of the group for a span, or resumes them if the span is `nil`.
    func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError)
}
