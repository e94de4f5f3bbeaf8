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
        let (year, month, day) = civil(days)
        let weekday = weekdays[Int(floorModulo(days, 7))]
        let clock = [ofDay / 3_600, ofDay / 60 % 60, ofDay % 60].map(twoDigits).joined(separator: ":")
        return "\(weekday), \(twoDigits(day)) \(months[Int(month) - 1]) \(year) \(clock) GMT"
    }

    /// The Gregorian date of a day counted from 1970-01-01, by way of 400-year eras that begin on a 1 March.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let ofEra = floorModulo(shifted, 146_097)
        let era = (shifted - ofEra) / 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * ofYear + 2) / 153
        let day = ofYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
}
