// SPDX-License-Identifier: Apache-2.0

internal import Logging

/// The log of losses and recoveries: of an outage the first failure, and then one a minute, not each attempt.
struct OutageLog {
    let logger: Logger
    /// The address, which may lead to another server tomorrow than it does today.
    let redis: String
    private var outage = OncePerMinute()
    /// Connections that are made and of no use: each of them may be lost soon after it was made.
    private var violations = OncePerMinute()
    private var isReported = false

    init(logger: Logger, redis: String) {
        (self.logger, self.redis) = (logger, redis)
    }

    mutating func failed(_ error: RedisError, now: Int64) {
        let isNews =
            error.code == .protocolViolation ? violations.isDue(now: now) : outage.isDue(now: now)
        if isNews { isReported = true }
        logger.log(
            level: isNews ? .warning : .debug, "No connection to Redis; trying again",
            metadata: ["redis": "\(redis)", "reason": "\(error.message)", "code": "\(error.code)"])
    }

    mutating func connected(to endpoint: String) {
        logger.log(
            level: isReported ? .notice : .debug, "Connected to Redis",
            metadata: ["redis": "\(redis)", "server": "\(endpoint)"])
        (outage, isReported) = (OncePerMinute(), false)
    }

    func remarked(_ text: String, at endpoint: String) {
        logger.debug("\(text)", metadata: ["redis": "\(redis)", "server": "\(endpoint)"])
    }
}

/// A gate that lets a message pass at its first time, and then once a minute.
package struct OncePerMinute: Sendable {
    private var lastReported: Int64?

    package init() {}

    private static let interval: Int64 = 60_000_000_000

    /// Whether the message passes at this time, in monotonic nanoseconds. If so, the time is noted.
    package mutating func isDue(now: Int64) -> Bool {
        if let lastReported, now - lastReported < Self.interval { return false }
        lastReported = now
        return true
    }
}
