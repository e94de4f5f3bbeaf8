// SPDX-License-Identifier: Apache-2.0

package import Headroom

/// Spans of time as options and tables write them: `500ms`, `60s`, `1m`, `1h`.
package enum SpanText {
    private static let units: [(suffix: String, microseconds: Int64)] = [
        ("ms", 1_000), ("min", 60_000_000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000),
    ]

    /// The longest span that is read: 366 days.
    private static let longest: Double = 366 * 86_400e6

    /// Reads a number above 0, which may have decimals, and its unit. `nil` if the text is none.
    package static func parse(_ text: some StringProtocol) -> Duration? {
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let digits = text.dropLast(unit.suffix.count)
        guard let first = digits.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            digits.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Double(String(digits))
        else { return nil }
        let microseconds = number * Double(unit.microseconds)
        guard microseconds >= 1, microseconds <= longest else { return nil }
        return .microseconds(Int64(microseconds.rounded()))
    }

    /// A window as `--limit` takes it: `60s`, `500ms`, `day`.
    package static func text(_ window: Limit.Window) -> String {
        switch window {
        case .day: "day"
        case .rolling(let span), .paced(let span): text(span)
        }
    }

    private static func text(_ span: Duration) -> String {
        let milliseconds = span.microseconds / 1_000
        if milliseconds % 3_600_000 == 0, milliseconds > 0 { return "\(milliseconds / 3_600_000)h" }
        return milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
    }
}
