// SPDX-License-Identifier: Apache-2.0

import Headroom
import Testing

@Suite("Times in headers")
struct HeaderTimeTests {
    private let now = utc("2026-11-22T10:00:00Z").microseconds
    private let midnight = utc("2026-11-23T00:00:00Z").microseconds

    private func quota(_ expiry: String, unit: String = "day", interval: String = "1", date: String? = nil)
        -> VendorReading
    {
        var fields = [
            ("x-keap-product-quota-expiry-time", expiry), ("x-keap-product-quota-time-unit", unit),
            ("x-keap-product-quota-interval", interval),
        ]
        if let date { fields.append(("date", date)) }
        return read(200, fields, now: WallInstant(microseconds: now))
    }

    @Test("An expiry may be in seconds, milliseconds or microseconds", arguments: [1, 1_000, 1_000_000])
    func magnitudes(unitsPerSecond: Int64) {
        let reading = quota(" \(midnight / (1_000_000 / unitsPerSecond)) ")
        #expect(reading.readings.map(\.expiry?.microseconds) == [midnight])
        #expect(reading.ignored.isEmpty)
    }

    @Test("An expiry is later than now, and at most a window and five minutes later")
    func plausible() {
        let day = Microseconds(86_400) * 1_000_000
        let latest = now + day + 300 * 1_000_000
        #expect(quota("\(now + 1)").readings.map(\.expiry?.microseconds) == [now + 1])
        #expect(quota("\(latest)").readings.map(\.expiry?.microseconds) == [latest])
        for wrong in [now, now - 1, latest + 1, now + 7 * day] {
            let reading = quota("\(wrong)")
            #expect(reading.readings.isEmpty)
            #expect(reading.ignored.map(\.reason) == [.implausibleTime])
        }
        #expect(quota("\(latest + 1)", interval: "2").readings.map(\.expiry?.microseconds) == [latest + 1])
        #expect(quota("\(latest)", unit: "hour").readings.isEmpty)
        #expect(quota("\(latest)", unit: "").readings.map(\.expiry?.microseconds) == [latest])
    }

    @Test(
        "A number that is no time is unknown",
        arguments: [
            ("158663200", IgnoredHeader.Reason.notATime), ("0", .notATime), ("999999999", .notATime),
            ("100000000001", .notATime), ("999999999999", .notATime), ("100000000000001", .notATime),
            ("999999999999999", .notATime), ("1000000000", .implausibleTime), ("9223372036854775807", .implausibleTime),
            ("9223372036854775808", .outOfRange), ("-1", .notANumber), ("2026-11-23T00:00:00Z", .notANumber),
        ])
    func noTime(value: String, reason: IgnoredHeader.Reason) {
        let reading = quota(value)
        #expect(reading.readings.isEmpty)
        #expect(reading.ignored.map(\.reason) == [reason])
    }

    @Test("The vendor's clock judges an expiry where the response has it, in whichever order the headers come")
    func vendorClock() {
        let reading = quota("\(midnight)", date: "Sun, 15 Nov 2026 10:00:00 GMT")
        #expect(reading.date == utc("2026-11-15T10:00:00Z"))
        #expect(reading.readings.isEmpty)
        #expect(
            quota("\(midnight)", date: "Sun, 22 Nov 2026 23:59:59 GMT").readings.map(\.expiry?.microseconds) == [
                midnight
            ])
    }

    @Test("Any clock of the caller's is survived", arguments: [Microseconds.min, -1, 0, .max - 1, .max])
    func anyNow(now: Microseconds) {
        let fields = [
            ("x-keap-product-quota-expiry-time", "9223372036854775807"), ("retry-after", "Sun, 06-Nov-94 08:49:37 GMT"),
            ("date", "Sunday, 06-Nov-94 08:49:37 GMT"),
        ]
        let reading = read(200, Array(fields.prefix(2)), now: WallInstant(microseconds: now))
        #expect(reading.retryAfter == nil)
        #expect((reading[.product, .quota]?.expiry?.microseconds ?? .max) > now || now == .max)
        _ = read(200, fields, now: WallInstant(microseconds: now))
    }

    @Test(
        "A date is read in today's form and in the two obsolete ones",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            (" sun, 06 nov 1994 08:49:37 gmt ", "1994-11-06T08:49:37Z"),
            ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Wednesday, 06-Nov-75 08:49:37 GMT", "2075-11-06T08:49:37Z"),
            ("Saturday, 06-Nov-77 08:49:37 GMT", "1977-11-06T08:49:37Z"),
            ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z"),
            ("Wed Nov 16 08:49:37 1994", "1994-11-16T08:49:37Z"),
            ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"),
            ("Thu, 29 Feb 2024 23:59:59 GMT", "2024-02-29T23:59:59Z"),
            ("Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00Z"),
            ("Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01T00:00:00Z"),
            ("Fri, 31 Dec 2027 23:59:60 GMT", "2028-01-01T00:00:00Z"),
            ("Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z"),
        ])
    func date(text: String, expected: String) {
        let reading = read(200, [("Date", text)], now: WallInstant(microseconds: now))
        #expect(reading.date == utc(expected))
        #expect(reading.ignored.isEmpty)
    }

    @Test(
        "What is no such date is ignored",
        arguments: [
            "2026-11-22T10:00:00Z", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun,",
            "Sun, 29 Feb 2025 08:49:37 GMT", "Sun, 29 Feb 2100 08:49:37 GMT", "Sun, 31 Apr 2025 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
            "Xxx, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994", "1732269600", "Sonntag, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08.49.37 GMT",
        ])
    func noDate(text: String) {
        let reading = read(200, [("date", text)], now: WallInstant(microseconds: now))
        #expect(reading.date == nil)
        #expect(reading.ignored.map(\.reason) == [.notATime])
    }

    @Test("Every day from 1970 to 2110 is where the calendar has it")
    func everyDay() {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var days = Microseconds(0)
        for year in 1970...2110 {
            let isLeap = year % 4 == 0 && year != 2100
            for (month, length) in zip(months, [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                for day in 1...length {
                    let text = "Mon, \(day < 10 ? "0" : "")\(day) \(month) \(year) 00:00:00 GMT"
                    let reading = read(200, [("date", text)], now: WallInstant(microseconds: now))
                    guard reading.date?.microseconds == days * 86_400_000_000 else {
                        Issue.record("\(text) is read as \(String(describing: reading.date))")
                        return
                    }
                    days += 1
                }
            }
        }
    }

    @Test(
        "Retry-After is seconds up to a day, or a date relative to the vendor's",
        arguments: [
            ("0", .zero), ("30", .seconds(30)), (" 86400 ", .seconds(86_400)),
            ("Sun, 22 Nov 2026 12:00:30 GMT", .seconds(30)), ("Sun, 22 Nov 2026 11:59:00 GMT", .zero),
            ("Mon, 23 Nov 2026 12:00:00 GMT", .seconds(86_400)),
        ] as [(String, Duration)])
    func retryAfter(value: String, expected: Duration) {
        let fields = [("Retry-After", value), ("date", "Sun, 22 Nov 2026 12:00:00 GMT")]
        let reading = read(429, fields, now: WallInstant(microseconds: now))
        #expect(reading.retryAfter == expected)
        #expect(reading.ignored.isEmpty)
    }

    @Test("Without the vendor's date the caller's clock counts")
    func retryAfterOwnClock() {
        let fields = [("retry-after", "Sun, 22 Nov 2026 10:00:05 GMT")]
        #expect(read(503, fields, now: WallInstant(microseconds: now)).retryAfter == .seconds(5))
    }

    @Test(
        "Any other Retry-After is ignored",
        arguments: [
            ("86401", IgnoredHeader.Reason.outOfRange), ("99999999999999999999", .outOfRange), ("-1", .notATime),
            ("1.5", .notATime), ("soon", .notATime), ("Mon, 23 Nov 2026 10:00:01 GMT", .implausibleTime),
            ("Sat, 21 Nov 2026 09:59:59 GMT", .implausibleTime),
        ])
    func wrongRetryAfter(value: String, reason: IgnoredHeader.Reason) {
        let reading = read(429, [("retry-after", value)], now: WallInstant(microseconds: now))
        #expect(reading.retryAfter == nil)
        #expect(reading.ignored.map(\.reason) == [reason])
    }
}
