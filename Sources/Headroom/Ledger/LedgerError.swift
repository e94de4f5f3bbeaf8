// SPDX-License-Identifier: Apache-2.0

/// Why a ledger could not do what it was asked.
public struct LedgerError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// The ledger cannot be reached, or answered with an error; the operation did not take place.
        public static let unavailable = Code(description: "unavailable")
        /// No answer came; the operation may have taken place. To repeat it is safe.
        public static let lost = Code(description: "lost")
        /// The request breaks a rule, by a defect of the caller: nothing was done.
        public static let invalidRequest = Code(description: "invalid request")
        /// The account was written by a version of the library that this one does not know. Nothing was overwritten.
        public static let unknownVersion = Code(description: "unknown version")
        /// The account cannot be read: something else has written to its keys. Nothing was overwritten.
        public static let unreadable = Code(description: "unreadable account")
        /// The answer does not have the form it must have.
        public static let malformedReply = Code(description: "malformed reply")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What was wrong, with the value, and what would be right. Never contains a secret.
    public let message: String
    /// The error beneath, such as that of the connection; `nil` if there is none.
    public let underlying: (any Error)?

    /// Makes an error.
    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        (self.code, self.message, self.underlying) = (code, message, underlying)
    }

    public var description: String { "ledger \(code): \(message)" }
}
