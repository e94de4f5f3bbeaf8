// SPDX-License-Identifier: Apache-2.0

/// The vendor's counters through a soak: rejected calls, and times in which no call was let through.
package struct ServiceTrack: Sendable {
    /// The events between two marks.
    package struct Phase: Sendable, Hashable {
        package var rejected = 0
        /// The longest time between two calls that were let through, also if it began before the phase. Seconds.
        package var longestGap = 0.0

        package init() {}
    }

    private var phase = Phase()
    private var letThrough = 0
    private var rejected = 0
    private var lastServed: Double?

    package init() {}

    /// Takes in the counters as they are at a time in seconds.
    package mutating func note(letThrough: Int, rejected: Int, at time: Double) {
        phase.rejected += rejected - self.rejected
        if let lastServed { phase.longestGap = max(phase.longestGap, time - lastServed) }
        if letThrough > self.letThrough { lastServed = time }
        (self.letThrough, self.rejected) = (letThrough, rejected)
    }

    /// Ends a phase and begins the next.
    package mutating func mark() -> Phase {
        defer { phase = Phase() }
        return phase
    }

    /// The most calls in a span of whole seconds, of the calls in each second.
    package static func most(_ calls: [Int: Int], within seconds: Int) -> Int {
        calls.keys.map { last in (0..<seconds).reduce(0) { $0 + (calls[last - $1] ?? 0) } }.max() ?? 0
    }
}
