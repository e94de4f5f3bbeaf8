// SPDX-License-Identifier: Apache-2.0

public import Headroom

/// One operation on a ledger, and what it answered: to compare two implementations step by step.
public enum LedgerOperation: Sendable, Hashable {
    /// Time passes; where it is negative, the clock is stepped back.
    case advance(Duration)
    /// See `Ledger.join(_:in:)`.
    case join(JoinRequest)
    /// See `Ledger.exchange(_:in:)`.
    case exchange(ExchangeRequest)
    /// See `Ledger.hold(for:in:)`.
    case hold(Duration?)

    /// What an operation answered.
    public enum Answer: Sendable, Hashable {
        /// Nothing to answer.
        case nothing
        /// Of a join.
        case joined(JoinReply)
        /// Of an exchange.
        case exchanged(ExchangeReply)
    }

    /// Does the operation; the passing of time is the caller's.
    public func apply(to ledger: some Ledger, in group: BudgetGroup) async throws(LedgerError) -> Answer {
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
