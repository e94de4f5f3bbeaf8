// SPDX-License-Identifier: Apache-2.0

/// A rejected call, explained: which limit rejected it, as far as that can be said, and when to try again.
public struct RejectedLimit: Sendable, Hashable {
    /// What said which limit it was.
    public struct Source: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// The vendor's own code for the fault, by itself or with the headers.
        public static let faultCode = Source(description: "fault code")
        /// The headers: a limit at its end, or none where a vendor has a limit without headers.
        public static let headers = Source(description: "headers")
        /// The caller's own record: the limit of which it believed that least was left.
        public static let record = Source(description: "record")
        /// Nothing: the limit is unknown.
        public static let none = Source(description: "none")
    }

    /// The limit that rejected the call; `nil` if it is unknown, or a tenant's and the tenant is unknown.
    public var limit: LimitReference?
    /// What said which limit it was.
    public var source: Source
    /// The limit's window as the vendor sees it, for limits that the plan does not have. `nil` if unknown.
    public var window: Limit.Window?
    /// How long the vendor asked to wait; `nil` if it did not ask.
    public var retryAfter: Duration?
    /// When the limit's window ends, by the vendor's clock; `nil` if the response did not say.
    public var expiry: WallInstant?

    /// Makes an explanation.
    public init(
        limit: LimitReference?, source: Source, window: Limit.Window? = nil, retryAfter: Duration? = nil,
        expiry: WallInstant? = nil
    ) {
        (self.limit, self.source, self.window) = (limit, source, window)
        (self.retryAfter, self.expiry) = (retryAfter, expiry)
    }
}
