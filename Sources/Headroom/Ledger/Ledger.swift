// SPDX-License-Identifier: Apache-2.0

/// The shared account of a budget group: who may call, how many calls count, what the vendor said.
///
/// Two implementations: ``MemoryLedger`` (one process, tests) and `RedisLedger` (many processes). Both keep the same
/// rules in the same integer arithmetic; the ledger's clock alone decides what time it is. An implementation must pass
/// the ledger contract of `HeadroomTesting`.
///
/// Every operation is atomic, and all are safe to call from any task. An operation that fails with
/// ``LedgerError/Code-swift.struct/unavailable`` or ``LedgerError/Code-swift.struct/lost`` may be repeated as it was:
/// ``exchange(_:in:)`` recognises a repetition by its sequence number, the others set the same state twice.
public protocol Ledger: Sendable {
    /// Announces an instance, with its settings, and with what it holds and has spent if the ledger does not remember
    /// it.
    func join(_ request: JoinRequest, in group: BudgetGroup) async throws(LedgerError) -> JoinReply

    /// The one round trip of the hot path: settles, renews the instance, reports observations, reserves permits.
    func exchange(_ request: ExchangeRequest, in group: BudgetGroup) async throws(LedgerError) -> ExchangeReply

    /// The state of the product's budget, of all instances, and of the tenants named. Nil where the group does not
    /// exist.
    func status(tenants: [Tenant], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus?

    /// Holds all grants of the group for a time, or resumes them (`for: nil`).
    func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError)
}
