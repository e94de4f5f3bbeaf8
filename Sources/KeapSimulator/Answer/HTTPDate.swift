// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The value of a `date` header: `Sun, 22 Nov 2026 00:00:00 GMT`.
enum HTTPDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(_ time: Microseconds) -> String {
        let second = (time - floorModulo(time, 1_000_000)) / 1_000_000
        let ofDay = floorModulo(second, 86_400)
        let days = (second - ofDay) / 86_400
        let (year, month, day) = WallTime.date(days)
        let weekday = weekdays[Int(floorModulo(days, 7))]
        let clock = [ofDay / 3_600, ofDay / 60 % 60, ofDay % 60].map(twoDigits).joined(separator: ":")
        return "\(weekday), \(twoDigits(day)) \(months[Int(month) - 1]) \(year) \(clock) GMT"
    }

    private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
}
