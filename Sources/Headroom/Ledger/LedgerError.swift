// SPDX-License-Identifier: Apache-2.0

/// Why a ledger could not do what it was asked.
package struct LedgerError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        /// The ledger cannot be reached, or answered with an error; the operation did not take place.
        package static let unavailable = Code(description: "unavailable")
        /// No answer came; the operation may have taken place. To repeat it is safe.
        package static let lost = Code(description: "lost")
        /// The request breaks a rule, by a defect of the caller: nothing was done.
        package static let invalidRequest = Code(description: "invalid request")
        /// The account was written by a version of the library that this one does not know. Nothing was overwritten.
        package static let unknownVersion = Code(description: "unknown version")
        /// The account cannot be read: something else has written to its keys. Nothing was overwritten.
        package static let unreadable = Code(description: "unreadable account")
        /// The ledger's user lacks rights; the message names them. The operation did not take place.
        package static let missingRights = Code(description: "missing rights")
        /// The server lacks what the ledger needs, and is no place for an account.
        package static let unsuited = Code(description: "unsuited server")
        /// The answer does not have the form it must have.
        package static let malformedReply = Code(description: "malformed reply")
    }

    /// What kind of failure it was.
    package let code: Code
    /// What was wrong, with the value, and what would be right. Never contains a secret.
    package let message: String
    /// The error beneath, such as that of the connection; `nil` if there is none.
    package let underlying: (any Error)?

    /// Makes an error.
    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        (self.code, self.message, self.underlying) = (code, message, underlying)
    }

    package var description: String { "ledger \(code): \(message)" }
}
