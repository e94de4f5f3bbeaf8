// SPDX-License-Identifier: Apache-2.0

/// A unit in which the vendor states a limit's window.
enum TimeUnit: Int64 {
    case second = 1
    case minute = 60
    case hour = 3_600
    case day = 86_400

    private static let names: [(text: StaticString, unit: TimeUnit)] = [
        ("second", .second), ("minute", .minute), ("hour", .hour), ("day", .day),
    ]

    /// Recognises a unit by its name in the singular, in any case.
    init?(_ text: Bytes) {
        for (name, unit) in Self.names where text.equals(name) {
            self = unit
            return
        }
        return nil
    }

    /// The limit that counts in this unit; an hour has none of its own.
    var limitName: LimitName? {
        switch self {
        case .second: .spike
        case .minute: .throttle
        case .hour: nil
        case .day: .quota
        }
    }

    /// The window of a number of these units; nil where a limit cannot have it.
    func window(interval: Int) -> Limit.Window? {
        let (seconds, overflow) = rawValue.multipliedReportingOverflow(by: Int64(interval))
        guard interval >= 1, !overflow, seconds <= 31 * TimeUnit.day.rawValue else { return nil }
        switch self {
        case .second: return seconds <= 60 ? .paced(.seconds(seconds)) : nil
        case .day where interval == 1: return .day
        case .minute, .hour, .day: return .rolling(.seconds(seconds))
        }
    }
}
