// SPDX-License-Identifier: Apache-2.0

/// When to try a refused call again.
struct VerdictRules: Sendable {
    /// The wait where nothing better is known.
    static let pause: Duration = .seconds(1)
    /// The shortest wait before a refused call is made again, whatever the vendor says.
    static let pauseMinimum: Duration = .milliseconds(250)

    let plan: Plan

    /// - Parameters:
    ///   - throttle: what the response told of the refusal.
    ///   - window: the limit's window as the response told it, for limits that the plan does not have.
    ///   - resetsIn: when the limit's day ends, as the ledger knows it.
    ///   - wallNow: the wall clock.
    func retryAfter(
        _ throttle: RejectedLimit, window: Limit.Window?, resetsIn: Microseconds?, wallNow: Microseconds
    ) -> Duration {
        if let retryAfter = throttle.retryAfter { return retryAfter }
        guard let limit = throttle.limit else { return Self.pause }
        switch planned(limit) ?? window {
        case .paced(let span): return span
        case .rolling, nil: return Self.pause
        case .day:
            if let expiry = throttle.expiry, expiry > wallNow { return .microseconds(expiry - wallNow) }
            return .microseconds(resetsIn ?? Rules.day - wallNow % Rules.day)
        }
    }

    /// The limit's window by the plan.
    func planned(_ limit: LimitReference) -> Limit.Window? {
        let limits = limit.scope == .product ? plan.productLimits : plan.tenantLimits
        return limits.first { $0.name == limit.name }?.window
    }
}
