// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The counts of the spike limit: it is enforced by one processor or several, and the peak is that of all of them.
struct SpikeGate: Sendable {
    let limit: SpikeLimit
    private var processors: [any SpikePolicy]
    private var passed = Tally()
    /// Calls that passed every policy, since the start.
    private(set) var total = 0
    /// The most calls that passed in any span of one window.
    private(set) var peak = 0

    init(_ limit: SpikeLimit) {
        self.limit = limit
        let window = limit.window.microseconds
        processors =
            switch limit.policy {
            case .sliding: [SlidingSpike(capacity: limit.rate, window: window)]
            case .smoothing: [SmoothingSpike(rate: limit.rate, window: window)]
            case .divided(let parts, sliding: true):
                Array(repeating: SlidingSpike(capacity: max(1, limit.rate / parts), window: window), count: parts)
            case .divided(let parts, sliding: false):
                Array(repeating: SmoothingSpike(rate: limit.rate, window: window, parts: parts), count: parts)
            }
    }

    /// The number of processors among which calls are spread.
    var processorCount: Int { processors.count }

    /// Calls that passed in the window that ends at the moment that ``advance(to:)`` was last given.
    var used: Int { passed.sum }

    /// Brings the gate to a moment.
    mutating func advance(to now: Microseconds) { passed.drop(before: now - limit.window.microseconds + 1) }

    /// Whether the processor that got a call lets it through.
    mutating func hasRoom(on processor: Int, at now: Microseconds) -> Bool {
        processors[processor].hasRoom(at: now)
    }

    /// Begins a new total and peak.
    mutating func resetPeak() { (total, peak) = (0, 0) }

    /// Counts one call.
    mutating func count(at now: Microseconds, on processor: Int, passed didPass: Bool) {
        processors[processor].count(at: now)
        guard didPass else { return }
        total += 1
        advance(to: now)
        passed.add(at: now)
        peak = max(peak, passed.sum)
    }
}
