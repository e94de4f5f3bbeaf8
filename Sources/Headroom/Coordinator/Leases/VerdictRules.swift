// SPDX-License-Identifier: Apache-2.0

/// The rules for when a rejected call may be made again.
struct VerdictRules: Sendable {
    /// The wait if nothing better is known.
    static let pause: Duration = .seconds(1)
    /// The shortest wait before a rejected call is made again, whatever the vendor says.
    static let pauseMinimum: Duration = .milliseconds(250)

    let plan: Plan

    /// The wait before a rejected call is made again, if the vendor asked for none.
    ///
    /// - Parameters:
    ///   - window: the limit's window, by the plan or else by the vendor. `nil` if unknown.
    ///   - expiry: the end of the window, by the vendor's clock.
    ///   - resetsIn: the time until the limit's day ends, by the ledger.
    ///   - wallNow: the wall clock's time.
    func retryAfter(
        _ window: Limit.Window?, expiry: Microseconds?, resetsIn: Microseconds?, wallNow: Microseconds
    ) -> Duration {
        switch window {
        case .paced(let span): return max(span, .zero)
        case .rolling, nil: return Self.pause
        case .day:
            if let expiry, expiry > wallNow { return .microseconds(expiry - wallNow) }
            return .microseconds(resetsIn ?? Rules.day - wallNow % Rules.day)
        }
    }

    /// The limit's window by the plan. `nil` if the plan does not have the limit.
    func planned(_ limit: LimitReference) -> Limit.Window? {
        let limits = limit.scope == .product ? plan.productLimits : plan.tenantLimits
        return limits.first { $0.name == limit.name }?.window
    }
}
