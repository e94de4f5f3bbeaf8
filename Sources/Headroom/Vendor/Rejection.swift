// SPDX-License-Identifier: Apache-2.0

/// A rejected call: which limit rejected it, as far as that can be said, and when to try again.
///
/// A ``Vendor`` makes it of a response; what the vendor leaves open, the coordinator adds before callers see it.
public struct Rejection: Sendable, Hashable {
    /// The limit that rejected the call; `nil` if it is unknown, or a tenant's and the tenant is unknown.
    public let limit: LimitReference?
    /// What said which limit it was, in a word or two, for logs.
    ///
    /// Keap's are `fault code` (the gateway's own, by itself or with the headers), `headers` (a limit at its end, or
    /// none where Keap has a limit without headers), `record` (the caller's own: the limit of which it believed that
    /// least was left), and `none`.
    public let source: String
    /// When to try again: what the vendor asked for, else what suits the limit's window. Not negative.
    ///
    /// For a rolling window only a short pause: the real wait is the next acquire's.
    public var retryAfter: Duration { delay ?? VerdictRules.pause }

    /// How long to wait before another call. `nil` if the vendor did not ask, and the coordinator has yet to say.
    package let delay: Duration?
    /// The limit's window as the vendor sees it, for limits that the plan does not have. `nil` if unknown.
    package let window: Limit.Window?
    /// When the limit's window ends, by the vendor's clock. `nil` if the response did not say.
    package let expiry: WallInstant?
    /// Whether the limit spreads calls over time: a rejection by it is no sign that something is used up.
    package let isPaced: Bool

    /// Makes a vendor's answer.
    ///
    /// - Parameters:
    ///   - limit: the limit that rejected the call; `nil` if it is unknown: all calls pause then.
    ///   - source: what said which limit it was, in a word or two. Default: `headers`.
    ///   - window: the limit's window, for limits that the plan does not have. Default: unknown.
    ///   - retryAfter: how long the vendor asks to wait. Default: it does not ask.
    ///   - expiry: when the limit's window ends, by the vendor's clock. Default: unknown.
    public init(
        limit: LimitReference?, source: String = "headers", window: Limit.Window? = nil, retryAfter: Duration? = nil,
        expiry: WallInstant? = nil
    ) {
        self.init(
            limit: limit, source: source, window: window, delay: retryAfter, expiry: expiry, isPaced: false)
    }

    /// Makes what callers see.
    package init(limit: LimitReference?, retryAfter: Duration, source: String, isPaced: Bool = false) {
        self.init(
            limit: limit, source: source, window: nil, delay: retryAfter, expiry: nil, isPaced: isPaced)
    }

    private init(
        limit: LimitReference?, source: String, window: Limit.Window?, delay: Duration?, expiry: WallInstant?,
        isPaced: Bool
    ) {
        (self.limit, self.source, self.window) = (limit, source, window)
        (self.delay, self.expiry, self.isPaced) = (delay, expiry, isPaced)
    }
}

extension Rejection {
    /// What this package's own vendors go by.
    package enum Source: String {
        /// The vendor's own code for the fault, by itself or with the headers.
        case faultCode = "fault code"
        /// The headers: a limit at its end, or none where a vendor has a limit without headers.
        case headers
        /// The caller's own record: the limit of which it believed that least was left.
        case record
        /// Nothing: the limit is unknown.
        case none
    }
}
