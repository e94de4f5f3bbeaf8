// SPDX-License-Identifier: Apache-2.0

package import Headroom

/// One operation on a ledger, and what it answered: to compare two implementations step by step.
package enum LedgerOperation: Sendable, Hashable {
    /// Time passes; a negative span steps the clock back.
    case advance(Duration)
    /// See `LedgerStore.join(_:in:)`.
    case join(JoinRequest)
    /// See `LedgerStore.exchange(_:in:)`.
    case exchange(ExchangeRequest)
    /// See `LedgerStore.hold(for:in:)`.
    case hold(Duration?)

    /// What an operation answered.
    package enum Answer: Sendable, Hashable {
        /// Nothing to answer.
        case nothing
        /// Of a join.
        case joined(JoinReply)
        /// Of an exchange.
        case exchanged(ExchangeReply)
    }

    /// Does the operation; the passing of time is the caller's.
    package func apply(to ledger: some LedgerStore, in group: BudgetGroup) async throws(LedgerError) -> Answer {
        switch self {
        case .advance: return .nothing
        case .join(let request): return .joined(try await ledger.join(request, in: group))
        case .exchange(let request): return .exchanged(try await ledger.exchange(request, in: group))
        case .hold(let span):
            try await ledger.hold(for: span, in: group)
            return .nothing
        }
    }
}
