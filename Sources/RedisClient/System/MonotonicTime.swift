// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Nanoseconds on a clock that never jumps.
package enum MonotonicTime {
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The moment so long after another; the end of time if that would not fit.
    static func after(_ span: Duration, from start: Int64) -> Int64 {
        let (end, overflow) = start.addingReportingOverflow(span.nanoseconds)
        return overflow ? .max : end
    }
}

extension Duration {
    /// Whole nanoseconds; the nearest end of the range if they would not fit.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow, abs(whole) < .max - 1_000_000_000 else { return seconds < 0 ? .min : .max }
        return whole + attoseconds / 1_000_000_000
    }
}
