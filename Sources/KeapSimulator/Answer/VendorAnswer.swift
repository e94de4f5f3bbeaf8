// SPDX-License-Identifier: Apache-2.0

/// The vendor's answer to one call.
package struct VendorAnswer: Sendable, Hashable {
    /// The outcome of the call.
    package let outcome: Outcome
    /// The HTTP status; 0 for a call that is never answered.
    package let status: Int
    /// The headers in the order in which they are sent.
    package let headers: [Header]
    /// The body: JSON.
    package let body: String

    /// Whether the call was let through.
    package enum Outcome: Sendable, Hashable {
        /// Answered with 200.
        case accepted
        /// Answered with 429 by this policy.
        case rejected(by: VendorConfiguration.Policy)
        /// Let through and counted, and then failed.
        case failed(Fault)
    }

    /// The ways in which a call that was let through fails.
    package enum Fault: Sendable, Hashable {
        /// Status 500.
        case internalError
        /// Status 503.
        case unavailable
        /// No answer: the connection is kept open for a while, then closed.
        case silent
    }

    /// One header.
    package struct Header: Sendable, Hashable {
        /// The name, as sent.
        package let name: String
        /// The value; blank for unknown.
        package let value: String
    }

    /// The value of a header, its name compared without case. `nil` if there is no such header.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
}
