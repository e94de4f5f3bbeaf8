// SPDX-License-Identifier: Apache-2.0

/// The reason why a caller got no lease, why its call was given up, or why a limit or a plan is not valid.
///
/// A later version may know more codes: a `switch` over them needs a `default`.
public struct RateLimitError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// A limit has nothing left before the caller's timeout: said at once. ``RateLimitError/limit`` and
        /// ``RateLimitError/availableIn`` say which, and when to try again.
        public static let exhausted = Code(description: "exhausted")
        /// No permit came within the timeout.
        public static let timedOut = Code(description: "timed out")
        /// The caller's task was cancelled.
        public static let cancelled = Code(description: "cancelled")
        /// The coordinator's `run()` has ended.
        public static let stopped = Code(description: "stopped")
        /// The coordinator's `run()` was not started within a second of the call.
        public static let notRunning = Code(description: "not running")
        /// `run()` was called a second time.
        public static let alreadyRunning = Code(description: "already running")
        /// The ledger cannot be reached, or failed: until the timeout, if a permit was asked for.
        public static let ledgerUnavailable = Code(description: "ledger unavailable")
        /// More callers wait than the configuration allows.
        public static let tooManyWaiters = Code(description: "too many waiters")
        /// A limit of the vendor's rejected the call, and the call is not made again: the timeout leaves no time, or
        /// the call's body can be read once only. ``RateLimitError/rejection`` says more.
        public static let rejected = Code(description: "rejected")
        /// The tenant's name is empty, longer than 128 bytes, or has other bytes than printable ASCII without blanks
        /// and braces.
        public static let invalidTenant = Code(description: "invalid tenant")
        /// The label is empty, longer than 64 bytes, or has other bytes than printable ASCII without blanks and braces.
        public static let invalidLabel = Code(description: "invalid label")
        /// A limit's capacity, window or ceiling is out of range.
        public static let invalidLimit = Code(description: "invalid limit")
        /// A plan has no product limit, too many limits, or two of one name.
        public static let invalidPlan = Code(description: "invalid plan")
        /// The address of a Redis is malformed, or wants TLS, and the package was built without its trait `TLS`.
        public static let invalidAddress = Code(description: "invalid address")
    }

    /// What kind of failure it was.
    public let code: Code
    /// What was wrong, with the values, and what to do. In one line, fit for a log; without secrets.
    public let message: String
    /// The limit that was short; `nil` if none is known.
    public let limit: LimitReference?
    /// When the limit will have something again at the earliest; `nil` if unknown. Not negative.
    public let availableIn: Duration?
    /// The vendor's rejection, for ``Code-swift.struct/rejected``; `nil` for other codes.
    public let rejection: Rejection?
    /// The error beneath, such as the ledger's; `nil` if there is none.
    public let underlying: (any Error)?

    package init(
        _ code: Code, _ message: String, limit: LimitReference? = nil, availableIn: Duration? = nil,
        rejection: Rejection? = nil, underlying: (any Error)? = nil
    ) {
        (self.code, self.message, self.limit) = (code, message, limit)
        (self.availableIn, self.rejection, self.underlying) = (availableIn, rejection, underlying)
    }

    public var description: String { "\(code): \(message)" }
}

// What the coordinator says.
extension RateLimitError {
    static let cancelled = RateLimitError(.cancelled, "the task was cancelled while it waited for a permit")
    static let stopped = RateLimitError(.stopped, "the coordinator has ended; make a new one and start its run()")
    static let notRunning = RateLimitError(
        .notRunning, "the coordinator is not running; start `run()` in a task of its own before asking for permits")
    static let alreadyRunning = RateLimitError(
        .alreadyRunning, "run() was called before, or shutdown(); a coordinator runs once")

    /// The beginning of what was given, fit for a line of a log: one character may be a megabyte, or end the line.
    private static func shown(_ text: String) -> String {
        String(
            decoding: text.utf8.prefix(64).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }

    static func invalidTenant(_ text: String) -> RateLimitError {
        RateLimitError(
            .invalidTenant,
            "tenant '\(shown(text))' is not 1 to 128 bytes of printable ASCII without blanks and braces")
    }

    static func invalidLabel(_ text: String) -> RateLimitError {
        RateLimitError(
            .invalidLabel,
            "label '\(shown(text))' is not 1 to 64 bytes of printable ASCII without blanks and braces")
    }

    static func tooManyWaiters(_ maximum: Int) -> RateLimitError {
        RateLimitError(.tooManyWaiters, "\(maximum) callers wait already, the most that the configuration allows")
    }

    /// What a failure of the ledger means for an operator who looks at it.
    init(_ error: LedgerError) {
        self.init(.ledgerUnavailable, error.description, underlying: error)
    }

    /// - Parameter error: the ledger's last; nil: it has not answered.
    static func ledgerUnavailable(_ error: LedgerError?) -> RateLimitError {
        RateLimitError(
            .ledgerUnavailable, "no permit could be had: \(error?.description ?? "the ledger does not answer")",
            underlying: error)
    }

    /// A limit is short for longer than the caller can wait.
    ///
    /// - Parameter wallNow: the wall clock, to name the time at which a day's limit starts anew.
    static func exhausted(
        _ limit: LimitReference, availableIn: Microseconds, isDay: Bool, wallNow: Microseconds
    ) -> RateLimitError {
        let wait = Duration.microseconds(availableIn)
        // The vendor states its time to the second: the end of its day is seen up to a second late, but lies on a full
        // minute.
        let reset = wallNow.after(availableIn)
        let moment =
            isDay
            ? "it starts anew at \(WallTime.text(reset - reset % 10_000_000)), in \(wait.text)"
            : "it has something again in \(wait.text)"
        return RateLimitError(.exhausted, "limit \(limit) is used up: \(moment)", limit: limit, availableIn: wait)
    }

    /// A permit's slot comes later than the caller can wait.
    static func noSlot(availableIn: Microseconds) -> RateLimitError {
        let wait = Duration.microseconds(availableIn)
        return RateLimitError(.exhausted, "the next call may be made in \(wait.text)", availableIn: wait)
    }

    /// Nothing is granted to anybody for longer than the caller can wait.
    static func onHold(availableIn: Microseconds) -> RateLimitError {
        let wait = Duration.microseconds(availableIn)
        return RateLimitError(.exhausted, "all calls are on hold, for another \(wait.text)", availableIn: wait)
    }

    static func timedOut(short limit: LimitReference?, availableIn: Microseconds) -> RateLimitError {
        let wait = Duration.microseconds(max(0, availableIn))
        guard let limit else { return RateLimitError(.timedOut, "no permit came within the timeout") }
        return RateLimitError(
            .timedOut, "no permit came within the timeout: limit \(limit) is short", limit: limit,
            availableIn: availableIn > 0 ? wait : nil)
    }

    /// - Parameter reason: why the call is not made again.
    static func rejected(_ rejection: Rejection, _ reason: String) -> RateLimitError {
        let limit = rejection.limit.map { "limit \($0)" } ?? "an unknown limit"
        return RateLimitError(
            .rejected,
            "the vendor rejected the call for \(limit); try again in \(rejection.retryAfter.text), \(reason)",
            limit: rejection.limit, availableIn: rejection.retryAfter, rejection: rejection)
    }
}
