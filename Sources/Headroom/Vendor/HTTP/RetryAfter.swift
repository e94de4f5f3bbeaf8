// SPDX-License-Identifier: Apache-2.0

/// The header `retry-after` (RFC 9110, 10.2.3): a number of seconds, or a date.
enum RetryAfter {
    private static let day: Int64 = 86_400

    /// The delay, 0 to a day. A date of the last day, past by now, is no delay.
    static func delay(_ bytes: Bytes, now: Microseconds) -> Result<Duration, IgnoredHeader.Reason> {
        switch bytes.decimal() {
        case .success(let seconds): return seconds <= day ? .success(.seconds(seconds)) : .failure(.outOfRange)
        case .failure(.outOfRange): return .failure(.outOfRange)
        case .failure:
            guard let time = HTTPDate.parse(bytes, now: now) else { return .failure(.notATime) }
            let (delay, overflow) = time.subtractingReportingOverflow(now)
            guard !overflow, (-day * 1_000_000...day * 1_000_000).contains(delay) else {
                return .failure(.implausibleTime)
            }
            return .success(.microseconds(max(0, delay)))
        }
    }
}
