// SPDX-License-Identifier: Apache-2.0

internal import Logging

/// Tells of losses and recoveries: the first failure of an outage and then one a minute, not each attempt.
struct OutageLog {
    let logger: Logger
    /// The address, which may lead to one server today and to another tomorrow.
    let redis: String
    private var lastTold: Int64?

    private static let interval: Int64 = 60_000_000_000

    init(logger: Logger, redis: String) {
        (self.logger, self.redis) = (logger, redis)
    }

    mutating func failed(_ error: RedisError, now: Int64) {
        let isNews = lastTold.map { now - $0 >= Self.interval } ?? true
        if isNews { lastTold = now }
        logger.log(
            level: isNews ? .warning : .debug, "No connection to Redis; trying again",
            metadata: ["redis": "\(redis)", "reason": "\(error.message)", "code": "\(error.code)"])
    }

    mutating func connected(to endpoint: String) {
        logger.log(
            level: lastTold == nil ? .debug : .notice, "Connected to Redis",
            metadata: ["redis": "\(redis)", "server": "\(endpoint)"])
        lastTold = nil
    }

    func refused(_ text: String, at endpoint: String) {
        logger.debug("\(text)", metadata: ["redis": "\(redis)", "server": "\(endpoint)"])
    }
}
