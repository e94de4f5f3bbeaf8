// SPDX-License-Identifier: Apache-2.0

extension RateLimitError {
    static let cancelled = RateLimitError(.cancelled, "the task was cancelled while it waited for a permit")
    static let stopped = RateLimitError(.stopped, "the coordinator has ended; make a new one and start its run()")
    static let notRunning = RateLimitError(
        .notRunning, "the coordinator is not running; start `run()` in a task of its own before asking for permits")
    static let alreadyRunning = RateLimitError(.alreadyRunning, "run() was called before; a coordinator runs once")

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

    static func ledgerUnavailable(_ message: String) -> RateLimitError {
        RateLimitError(.ledgerUnavailable, "no permit could be had: \(message)")
    }

    /// A limit is short for longer than the caller can wait.
    ///
    /// - Parameter wallNow: the wall clock, to name the time at which a day's limit starts anew.
    static func exhausted(
        _ limit: LimitReference, availableIn: Microseconds, isDay: Bool, wallNow: Microseconds
    ) -> RateLimitError {
        let wait = Duration.microseconds(availableIn)
        // The vendor tells its time to the second: the end of its day is seen up to a second late, but lies on a full
        // minute.
        let reset = wallNow.after(availableIn)
        let moment =
            isDay
            ? "it starts anew at \(WallTime.text(reset - reset % 10_000_000)), in \(wait.text)"
            : "it has something again in \(wait.text)"
        return RateLimitError(.exhausted, "limit \(limit) is used up: \(moment)", limit: limit, availableIn: wait)
    }

    /// Nothing is granted to anybody for longer than the caller can wait.
    static func onHold(availableIn: Microseconds) -> RateLimitError {
        let wait = Duration.microseconds(availableIn)
        return RateLimitError(.exhausted, "all calls are held, for another \(wait.text)", availableIn: wait)
    }

    static func timedOut(short limit: LimitReference?, availableIn: Microseconds) -> RateLimitError {
        let wait = Duration.microseconds(max(0, availableIn))
        guard let limit else { return RateLimitError(.timedOut, "no permit came within the timeout") }
        return RateLimitError(
            .timedOut, "no permit came within the timeout: limit \(limit) is short", limit: limit,
            availableIn: availableIn > 0 ? wait : nil)
    }

    static func rejected(_ rejection: Rejection) -> RateLimitError {
        let limit = rejection.limit.map { "limit \($0)" } ?? "an unknown limit"
        return RateLimitError(
            .rejected,
            "the vendor refused the call for \(limit); try again in \(rejection.retryAfter.text), later than the timeout",
            limit: rejection.limit, availableIn: rejection.retryAfter, rejection: rejection)
    }
}
