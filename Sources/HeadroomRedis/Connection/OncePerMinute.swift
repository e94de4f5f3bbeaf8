// SPDX-License-Identifier: Apache-2.0

/// Lets something be told at its first time, and then once a minute.
struct OncePerMinute {
    private var lastReported: Int64?

    private static let interval: Int64 = 60_000_000_000

    /// Whether it is to be told at this time, in monotonic nanoseconds; notes it where it is.
    mutating func isDue(now: Int64) -> Bool {
        if let lastReported, now - lastReported < Self.interval { return false }
        lastReported = now
        return true
    }
}
