// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A span or a moment in microseconds: since 1970 in the ledger's time, since an arbitrary start in a monotonic
/// clock's.
package typealias Microseconds = Int64

extension Microseconds {
    /// The moment a span after this one, `.max` if that is beyond the range.
    func after(_ span: Microseconds) -> Microseconds {
        let (sum, overflow) = addingReportingOverflow(span)
        return overflow ? .max : sum
    }

    /// The deadline of a wait that begins now: a negative timeout is over at once, `nil` never.
    func after(timeout: Duration?) -> Microseconds { timeout.map { after(Swift.max(.zero, $0).microseconds) } ?? .max }
}

extension Duration {
    /// The span in whole microseconds, cut off; at the ends of the range where it would not fit.
    package var microseconds: Microseconds {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carries) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        guard !carries else { return seconds < 0 ? .min : .max }
        return sum
    }

    /// The span as people read it, in its two largest units: `18 h 33 min`, `2 min 5 s`, `12 s`, `1.5 s`, `250 ms`.
    package var text: String {
        let milliseconds = max(0, microseconds) / 1000
        let seconds = milliseconds / 1000
        switch seconds {
        case 3600...: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
        case 60...: return "\(seconds / 60) min \(seconds % 60) s"
        case 10...: return "\(seconds) s"
        case 1...: return "\(seconds).\(milliseconds / 100 % 10) s"
        default: return "\(milliseconds) ms"
        }
    }
}

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

/// The system's wall clock. The standard library has none; the core asks the operating system for nothing else.
package enum SystemClock {
    /// Microseconds since 1970.
    @Sendable package static func now() -> Microseconds {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Microseconds(time.tv_sec) * 1_000_000 + Microseconds(time.tv_nsec) / 1000
    }
}

/// The text of wall-clock times: `2026-11-23T00:00:00Z`.
package enum WallTime {
    /// The text of a time in UTC, in microseconds since 1970; fractions of a second are cut off.
    static func text(_ time: Microseconds) -> String {
        let seconds = time >= 0 ? time / 1_000_000 : (time - 999_999) / 1_000_000
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        let (year, month, day) = date(days)
        return "\(year)-\(two(month))-\(two(day))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    /// The Gregorian date of a day counted from 1970-01-01, computed in eras of 400 years that begin on March 1: then
    /// the leap day is the last of its year.
    package static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// A monotonic clock of any type, reduced to what the coordinator needs: the time, and sleep until a time. Times are
/// microseconds since the clock was wrapped.
struct MonotonicClock: Sendable {
    private let read: @Sendable () -> Microseconds
    private let wait: @Sendable (Microseconds) async throws -> Void

    init(_ clock: some Clock<Duration>) {
        let origin = clock.now
        read = { origin.duration(to: clock.now).microseconds }
        wait = { try await clock.sleep(until: origin.advanced(by: .microseconds($0)), tolerance: .zero) }
    }

    func now() -> Microseconds { read() }

    /// Suspends until a time. Throws if the task is cancelled.
    func sleep(until time: Microseconds) async throws {
        guard time > read() else { return }
        try await wait(time)
    }
}
