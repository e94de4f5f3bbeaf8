// SPDX-License-Identifier: Apache-2.0

/// What the vendor answers to one call.
public struct VendorAnswer: Sendable, Hashable {
    /// What became of the call.
    public let outcome: Outcome
    /// The HTTP status; 0 for a call that is never answered.
    public let status: Int
    /// The headers in the order in which they are sent.
    public let headers: [Header]
    /// The body: JSON.
    public let body: String

    /// Whether the call was let through.
    public enum Outcome: Sendable, Hashable {
        /// Answered with 200.
        case accepted
        /// Answered with 429 by this policy.
        case refused(by: VendorConfiguration.Policy)
        /// Let through and counted, and then failed.
        case failed(Fault)
    }

    /// How a call that was let through fails.
    public enum Fault: Sendable, Hashable {
        /// Status 500.
        case internalError
        /// Status 503.
        case unavailable
        /// No answer: the connection is held, then closed.
        case silent
    }

    /// One header.
    public struct Header: Sendable, Hashable {
        /// The name, as sent.
        public let name: String
        /// The value; blank for unknown.
        public let value: String
    }

    /// The value of a header whose name compares equal without case, or nil.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
}
