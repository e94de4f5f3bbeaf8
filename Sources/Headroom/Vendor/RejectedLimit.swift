// SPDX-License-Identifier: Apache-2.0

/// A refused call, explained: which limit refused it, as far as that can be told, and when to try again.
public struct RejectedLimit: Sendable, Hashable {
    /// What told which limit it was.
    public enum Source: Sendable, Hashable {
        /// The gateway's fault code, alone or with the headers.
        case faultCode
        /// The headers: a limit at its end, or none, which leaves the spike.
        case headers
        /// The caller's own record: the limit of which it believed least to be left.
        case record
        /// Nothing: the limit is unknown.
        case none
    }

    /// The limit that refused the call; nil where it is unknown, or a tenant's and the tenant is unknown.
    public var limit: LimitReference?
    /// What told which limit it was.
    public var source: Source
    /// How long the vendor asked to wait, 0 to 86,400 s; nil where it did not.
    public var retryAfter: Duration?
    /// When the limit's window ends by the vendor's clock, in microseconds since 1970; nil where it did not say.
    public var expiry: Microseconds?

    /// Makes an explanation.
    public init(
        limit: LimitReference?, source: Source, retryAfter: Duration? = nil, expiry: Microseconds? = nil
    ) {
        (self.limit, self.source, self.retryAfter, self.expiry) = (limit, source, retryAfter, expiry)
    }
}
