// SPDX-License-Identifier: Apache-2.0

internal import Logging

/// Tells of losses and recoveries: the first failure of an outage and then one a minute, not each attempt.
struct OutageLog {
    let logger: Logger
    /// The address, which may lead to one server today and to another tomorrow.
    let redis: String
    private var outage = OncePerMinute()
    /// Connections that are there, and of no use: each of them may be lost soon after it was made.
    private var violations = OncePerMinute()
    private var isTold = false

    init(logger: Logger, redis: String) {
        (self.logger, self.redis) = (logger, redis)
    }

    mutating func failed(_ error: RedisError, now: Int64) {
        let isNews =
            error.code == .protocolViolation ? violations.isDue(now: now) : outage.isDue(now: now)
        if isNews { isTold = true }
        logger.log(
            level: isNews ? .warning : .debug, "No connection to Redis; trying again",
            metadata: ["redis": "\(redis)", "reason": "\(error.message)", "code": "\(error.code)"])
    }

    mutating func connected(to endpoint: String) {
        logger.log(
            level: isTold ? .notice : .debug, "Connected to Redis",
            metadata: ["redis": "\(redis)", "server": "\(endpoint)"])
        (outage, isTold) = (OncePerMinute(), false)
    }

    func refused(_ text: String, at endpoint: String) {
        logger.debug("\(text)", metadata: ["redis": "\(redis)", "server": "\(endpoint)"])
    }
}

/// Lets something be told at its first time, and then once a minute.
package struct OncePerMinute: Sendable {
    private var lastReported: Int64?

    package init() {}

    private static let interval: Int64 = 60_000_000_000

    /// Whether it is to be told at this time, in monotonic nanoseconds; notes it where it is.
    package mutating func isDue(now: Int64) -> Bool {
        if let lastReported, now - lastReported < Self.interval { return false }
        lastReported = now
        return true
    }
}
