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

/// A call's result together with the verdict on it: what the body of
/// ``RateCoordinator/withLease(tenant:priority:label:timeout:_:)`` returns. Made by
/// ``Lease/complete(_:body:value:)``.
public struct Completion<Value> {
    package let verdict: Verdict
    package let value: Value

    package init(verdict: Verdict, value: Value) { (self.verdict, self.value) = (verdict, value) }
}

extension Completion: Sendable where Value: Sendable {}
