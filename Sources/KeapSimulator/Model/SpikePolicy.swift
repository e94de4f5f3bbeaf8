// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The decision of one processor whether a call is let through. Moments never go back.
protocol SpikePolicy: Sendable {
    mutating func hasRoom(at now: Microseconds) -> Bool
    mutating func count(at now: Microseconds)
}

/// At most a capacity of calls in any span of one window.
struct SlidingSpike: SpikePolicy {
    let capacity: Int
    let window: Microseconds
    private var tally = Tally()

    init(capacity: Int, window: Microseconds) { (self.capacity, self.window) = (capacity, window) }

    mutating func hasRoom(at now: Microseconds) -> Bool {
        tally.drop(before: now - window + 1)
        return tally.sum < capacity
    }

    mutating func count(at now: Microseconds) { tally.add(at: now) }
}

/// One call per interval, with a burst of a tenth of the rate, at least 1.
struct SmoothingSpike: SpikePolicy {
    // In nanoseconds, so that rates which do not divide a second keep their average.
    private let interval: Int64
    private let slack: Int64
    private var nextDue = Int64.min / 2

    init(rate: Int, window: Microseconds, parts: Int = 1) {
        interval = max(1, window * 1_000 * Int64(parts) / Int64(rate))
        slack = interval * Int64(max(1, rate / parts / 10) - 1)
    }

    func hasRoom(at now: Microseconds) -> Bool { now * 1_000 >= nextDue - slack }

    mutating func count(at now: Microseconds) { nextDue = max(nextDue, now * 1_000) + interval }
}
