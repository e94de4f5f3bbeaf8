// SPDX-License-Identifier: Apache-2.0

/// What the vendor's answer means for the budget.
public enum Verdict: Sendable, Hashable {
    /// The call was let through, whatever else its status says.
    case accepted
    /// A limit refused the call.
    case rejected(Rejection)

    /// Whether a limit refused the call.
    public var isRejected: Bool { if case .rejected = self { true } else { false } }
}

/// A refused call: which limit it was, and when to try again.
public struct Rejection: Sendable, Hashable {
    /// The limit that refused the call; nil where it cannot be told.
    public var limit: LimitReference?
    /// When to try again: the vendor's `Retry-After`, else what suits the limit's window. Not negative.
    ///
    /// For a rolling window only a short pause: the real wait is the next acquire's.
    public var retryAfter: Duration
    /// What told which limit it was.
    public var source: RejectedLimit.Source

    /// Makes a value.
    public init(limit: LimitReference?, retryAfter: Duration, source: RejectedLimit.Source) {
        (self.limit, self.retryAfter, self.source) = (limit, retryAfter, source)
    }
}

/// A call's result together with the verdict on it: what the body of
/// ``RateCoordinator/withLease(tenant:priority:label:_:)`` returns.
public struct Completion<Value> {
    /// What the vendor's answer means for the budget.
    public var verdict: Verdict
    /// The call's result.
    public var value: Value

    /// Makes a value.
    public init(verdict: Verdict, value: Value) { (self.verdict, self.value) = (verdict, value) }
}

extension Completion: Sendable where Value: Sendable {}
