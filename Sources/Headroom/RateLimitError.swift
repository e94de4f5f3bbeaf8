// SPDX-License-Identifier: Apache-2.0

/// Why a caller got no lease, or why its call was given up.
public struct RateLimitError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// A limit has nothing left before the caller's timeout: told at once. ``RateLimitError/limit`` and
        /// ``RateLimitError/availableIn`` say which, and when to try again.
        public static let exhausted = Code(description: "exhausted")
        /// No permit came within the timeout.
        public static let timedOut = Code(description: "timed out")
        /// The caller's task was cancelled.
        public static let cancelled = Code(description: "cancelled")
        /// The coordinator's `run()` has ended.
        public static let stopped = Code(description: "stopped")
        /// The coordinator's `run()` was not started.
        public static let notRunning = Code(description: "not running")
        /// `run()` was called a second time.
        public static let alreadyRunning = Code(description: "already running")
        /// The ledger could not be reached, or refused, until the timeout.
        public static let ledgerUnavailable = Code(description: "ledger unavailable")
        /// More callers wait than the configuration allows.
        public static let tooManyWaiters = Code(description: "too many waiters")
        /// The vendor answered with 429, and the timeout leaves no time to try again.
        public static let rejected = Code(description: "rejected")
        /// The tenant's name is empty, too long, or has other bytes than printable ASCII.
        public static let invalidTenant = Code(description: "invalid tenant")
        /// The label is empty, too long, or has other bytes than printable ASCII.
        public static let invalidLabel = Code(description: "invalid label")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What was wrong, with the values, and what to do.
    public let message: String
    /// The limit that was short, where one is known.
    public let limit: LimitReference?
    /// When the limit will have something again at the earliest, where that is known. Not negative.
    public let availableIn: Duration?
    /// The vendor's refusal, for ``Code-swift.struct/rejected``.
    public let rejection: Rejection?

    /// Makes an error.
    public init(
        _ code: Code, _ message: String, limit: LimitReference? = nil, availableIn: Duration? = nil,
        rejection: Rejection? = nil
    ) {
        (self.code, self.message, self.limit) = (code, message, limit)
        (self.availableIn, self.rejection) = (availableIn, rejection)
    }

    public var description: String { "\(code): \(message)" }
}
