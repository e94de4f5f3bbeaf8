// SPDX-License-Identifier: Apache-2.0

/// A moment of wall-clock time, to the microsecond: the vendor's, the ledger's, or this machine's.
///
/// Moments of different clocks may be compared, and differ by as much as their clocks do.
public struct WallInstant: InstantProtocol {
    /// Microseconds since 1970-01-01T00:00:00Z, leap seconds left aside.
    package let microseconds: Microseconds

    package init(microseconds: Microseconds) { self.microseconds = microseconds }

    /// Makes a moment from the time since 1970-01-01T00:00:00Z, cut to microseconds; 292,000 years before or after at
    /// most.
    public init(since1970 span: Duration) { microseconds = span.microseconds }

    /// The time since 1970-01-01T00:00:00Z.
    public var since1970: Duration { .microseconds(microseconds) }

    /// This machine's wall clock.
    public static var now: WallInstant { WallInstant(microseconds: SystemClock.now()) }

    public func advanced(by span: Duration) -> WallInstant {
        let (sum, overflow) = microseconds.addingReportingOverflow(span.microseconds)
        return WallInstant(microseconds: overflow ? (span < .zero ? .min : .max) : sum)
    }

    public func duration(to other: WallInstant) -> Duration { other.since1970 - since1970 }

    public static func < (left: WallInstant, right: WallInstant) -> Bool { left.microseconds < right.microseconds }
}
