// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

/// The time that the simulated network and vendor take.
public struct Latency: Sendable, Hashable {
    /// The median. Default: zero.
    package var median: Duration
    /// How far from the median a call may be, evenly spread; never below zero in total. Default: zero.
    package var jitter: Duration
    /// The share of calls that are late, 0 to 1. Default: 0.
    package var lateShare: Double
    /// How long late calls take, evenly spread. Default: 200 ms to 500 ms.
    package var lateRange: ClosedRange<Duration>
    /// The part of the latency that passes before the vendor counts the call, 0 to 1. Default: a half.
    package var partBeforeCounting: Double

    /// No latency.
    public static let none = Latency()

    /// Makes a latency.
    public init(
        median: Duration = .zero, jitter: Duration = .zero, lateShare: Double = 0,
        lateRange: ClosedRange<Duration> = .milliseconds(200) ... .milliseconds(500), partBeforeCounting: Double = 0.5
    ) {
        (self.median, self.jitter) = (median, jitter)
        (self.lateShare, self.lateRange, self.partBeforeCounting) = (lateShare, lateRange, partBeforeCounting)
    }

    /// The latency of one call: before it is counted, and after.
    func draw(using generator: inout SplitMix) -> (before: Duration, after: Duration) {
        let isLate = generator.fraction() < lateShare
        let range = isLate ? lateRange : max(.zero, median - jitter)...max(.zero, median + jitter)
        let total = range.lowerBound + (range.upperBound - range.lowerBound) * generator.fraction()
        let before = total * min(max(partBeforeCounting, 0), 1)
        return (before, total - before)
    }
}
