// SPDX-License-Identifier: Apache-2.0

/// What the vendor's answer means for the budget.
///
/// A later version may say more of an answer; code that asks for ``rejection`` goes on to compile and to be right.
public struct Verdict: Sendable, Hashable {
    /// The rejection of the call by a limit; `nil` if the call was let through, whatever else its status says.
    public let rejection: Rejection?

    /// Whether a limit rejected the call.
    public var isRejected: Bool { rejection != nil }

    /// The call was let through.
    package static let accepted = Verdict(rejection: nil)

    /// A limit rejected the call.
    package static func rejected(_ rejection: Rejection) -> Verdict { Verdict(rejection: rejection) }
}

/// A rejected call: which limit it was, and when to try again.
public struct Rejection: Sendable, Hashable {
    /// The limit that rejected the call; `nil` if it is unknown.
    public let limit: LimitReference?
    /// When to try again: what the vendor asked for, else what suits the limit's window. Not negative.
    ///
    /// For a rolling window only a short pause: the real wait is the next acquire's.
    public let retryAfter: Duration
    /// What said which limit it was.
    public let source: RejectedLimit.Source
    /// Whether the limit spreads calls over time: a rejection by it is no sign that something is used up.
    package let isPaced: Bool

    package init(
        limit: LimitReference?, retryAfter: Duration, source: RejectedLimit.Source, isPaced: Bool = false
    ) {
        (self.limit, self.retryAfter, self.source, self.isPaced) = (limit, retryAfter, source, isPaced)
    }
}

/// A call's result together with the verdict on it: what the body of
/// ``RateCoordinator/withLease(tenant:priority:label:timeout:_:)`` returns. Made by
/// ``Lease/complete(_:body:value:)``.
public struct Completion<Value> {
    package let verdict: Verdict
    package let value: Value

    package init(verdict: Verdict, value: Value) { (self.verdict, self.value) = (verdict, value) }
}

extension Completion: Sendable where Value: Sendable {}
