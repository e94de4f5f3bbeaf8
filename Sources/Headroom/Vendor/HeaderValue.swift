// SPDX-License-Identifier: Apache-2.0

/// The bytes of a header's name or value, for as long as the closure that received them runs.
typealias Bytes = UnsafeBufferPointer<UInt8>

extension String {
    /// Lends the text's bytes. Copies nothing where the text is a native string.
    func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        var text = self
        return text.withUTF8(body)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The bytes without blanks and tabs at both ends.
    var trimmed: Bytes {
        var (start, end) = (0, count)
        while start < end, Self.isBlank(self[start]) { start += 1 }
        while start < end, Self.isBlank(self[end - 1]) { end -= 1 }
        return piece(start, end)
    }

    /// The bytes from one position to before another.
    func piece(_ start: Int, _ end: Int) -> Bytes { Bytes(rebasing: self[start..<end]) }

    /// Whether the bytes are this text, which is in lower case, when the case of letters is left aside.
    func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && starts(with: text) }

    /// Whether the bytes begin with this text, which is in lower case, when the case of letters is left aside.
    ///
    /// Compares from the text's end: names of one vendor begin alike and differ late.
    func starts(with text: StaticString) -> Bool {
        var index = text.utf8CodeUnitCount
        guard count >= index else { return false }
        let other = text.utf8Start
        while index > 0 {
            index -= 1
            guard Self.lowercase(self[index]) == other[index] else { return false }
        }
        return true
    }

    /// A number of decimal digits and nothing else; `outOfRange` where it does not fit into 64 bits.
    func decimal() -> Result<Int64, IgnoredHeader.Reason> {
        guard !isEmpty else { return .failure(.notANumber) }
        var (value, overflows) = (Int64(0), false)
        for byte in self {
            guard Self.isDigit(byte) else { return .failure(.notANumber) }
            guard !overflows else { continue }
            let (shifted, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = shifted.addingReportingOverflow(Int64(byte &- UInt8(ascii: "0")))
            (value, overflows) = (sum, first || second)
        }
        return overflows ? .failure(.outOfRange) : .success(value)
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    static func lowercase(_ byte: UInt8) -> UInt8 { byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte }
}

// A reason travels as the failure of a `Result`; it is not thrown.
extension IgnoredHeader.Reason: Error {}

/// Dates as HTTP writes them (RFC 9110, 5.6.7): today's form and the two obsolete ones. Always in UTC.
package enum HTTPDate {
    /// The time in microseconds since 1970, years 1970 to 9999; nil where the text is no such date.
    ///
    /// - Parameter now: decides the century of a year of two digits: at most 50 years ahead.
    static func parse(_ text: Bytes, now: Microseconds) -> Microseconds? {
        guard text.count <= maximumLength, text.count >= 4 else { return nil }
        if text[3] == UInt8(ascii: ",") { return fixed(text) }
        if text[3] == UInt8(ascii: " ") { return asctime(text) }
        return rfc850(text, now: now)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`: today's form of a time in microseconds since 1970, cut to seconds.
    package static func text(_ time: Microseconds) -> String {
        let seconds = time >= 0 ? time / 1_000_000 : (time - 999_999) / 1_000_000
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        let (year, month, day) = WallTime.date(days)
        // 1970-01-01 was a Thursday, the fourth of the names.
        let weekday = capitalised(self.days[Int(((days + 3) % 7 + 7) % 7)])
        let clock = [rest / 3_600, rest / 60 % 60, rest % 60].map(twoDigits).joined(separator: ":")
        return "\(weekday), \(twoDigits(day)) \(capitalised(months[Int(month) - 1])) \(year) \(clock) GMT"
    }

    private static func capitalised(_ name: StaticString) -> String {
        let text = "\(name)"
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static let maximumLength = 33
    private static let days: [StaticString] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    private static let longDays: [StaticString] = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]
    private static let months: [StaticString] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    private static func fixed(_ text: Bytes) -> Microseconds? {
        guard text.count == 29, position(of: text.piece(0, 3), in: days) != nil, text.piece(3, 5).equals(", "),
            text.piece(25, 29).equals(" gmt"), areBlank(text, 7, 11, 16)
        else { return nil }
        return time(
            year: number(text, 12, 16), month: position(of: text.piece(8, 11), in: months), day: number(text, 5, 7),
            clock: text.piece(17, 25))
    }

    /// `Sun Nov  6 08:49:37 1994`
    private static func asctime(_ text: Bytes) -> Microseconds? {
        guard text.count == 24, position(of: text.piece(0, 3), in: days) != nil, areBlank(text, 7, 10, 19) else {
            return nil
        }
        let day = text[8] == UInt8(ascii: " ") ? number(text, 9, 10) : number(text, 8, 10)
        return time(
            year: number(text, 20, 24), month: position(of: text.piece(4, 7), in: months), day: day,
            clock: text.piece(11, 19))
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    private static func rfc850(_ text: Bytes, now: Microseconds) -> Microseconds? {
        guard let comma = text.firstIndex(of: UInt8(ascii: ",")), text.count == comma + 24,
            position(of: text.piece(0, comma), in: longDays) != nil
        else { return nil }
        let rest = text.piece(comma, text.count)
        guard rest.piece(0, 2).equals(", "), rest.piece(20, 24).equals(" gmt"), areBlank(rest, 11),
            rest[4] == UInt8(ascii: "-"), rest[8] == UInt8(ascii: "-"), let short = number(rest, 9, 11)
        else { return nil }
        let thisYear = 1970 + now / 31_556_952_000_000
        var year = thisYear / 100 * 100 + short
        if year > thisYear + 50 { year -= 100 }
        return time(
            year: year, month: position(of: rest.piece(5, 8), in: months), day: number(rest, 2, 4),
            clock: rest.piece(12, 20))
    }

    private static func areBlank(_ text: Bytes, _ positions: Int...) -> Bool {
        positions.allSatisfy { text[$0] == UInt8(ascii: " ") }
    }

    private static func position(of text: Bytes, in names: [StaticString]) -> Int64? {
        names.firstIndex { text.equals($0) }.map(Int64.init)
    }

    private static func number(_ text: Bytes, _ start: Int, _ end: Int) -> Int64? {
        try? text.piece(start, end).decimal().get()
    }

    /// Puts a date together; `clock` is `08:49:37`. A leap second counts as the second after it.
    private static func time(year: Int64?, month: Int64?, day: Int64?, clock: Bytes) -> Microseconds? {
        guard let year, let month, let day, (1970...9999).contains(year), (1...length(month, year)).contains(day),
            clock[2] == UInt8(ascii: ":"), clock[5] == UInt8(ascii: ":"),
            let hour = number(clock, 0, 2), let minute = number(clock, 3, 5), let second = number(clock, 6, 8),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = daysBefore(year) + (0..<month).reduce(0) { $0 + length($1, year) } + day - 1
        return (days * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000_000
    }

    /// Days of a month, counted from 0.
    private static func length(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 1: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 3, 5, 8, 10: 30
        default: 31
        }
    }

    /// Days from 1970 to the start of a year.
    private static func daysBefore(_ year: Int64) -> Int64 {
        let before = year - 1
        return (year - 1970) * 365 + (before / 4 - 492) - (before / 100 - 19) + (before / 400 - 4)
    }
}

/// Times as bare numbers since 1970, whose unit the vendor does not say.
enum EpochTime {
    /// How far the vendor's clocks may differ from one another.
    static let skew: Microseconds = 300 * 1_000_000

    /// The time in microseconds, its unit judged by its magnitude; nil where it is none of the three.
    static func microseconds(_ number: Int64) -> Microseconds? {
        switch number {
        case 1_000_000_000...100_000_000_000: number * 1_000_000
        case 1_000_000_000_000...100_000_000_000_000: number * 1_000
        case 1_000_000_000_000_000...: number
        default: nil
        }
    }

    /// The end of a window of this span, where the number can be that: later than now, at most a span and a skew later.
    static func expiry(
        _ number: Int64, now: Microseconds, span: Duration
    ) -> Result<Microseconds?, IgnoredHeader.Reason> {
        guard let time = microseconds(number) else { return .failure(.notATime) }
        let (latest, overflow) = now.addingReportingOverflow(span.microseconds + skew)
        guard time > now, overflow || time <= latest else { return .failure(.implausibleTime) }
        return .success(time)
    }
}

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
