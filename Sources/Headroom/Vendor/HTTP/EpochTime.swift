// SPDX-License-Identifier: Apache-2.0

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
