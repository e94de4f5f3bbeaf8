// SPDX-License-Identifier: Apache-2.0

/// The rate at which a count has grown over the last moments.
package struct RateMeter: Sendable {
    private let span: Double
    private var samples: [(time: Double, count: Int)] = []

    /// - Parameter span: over how many of the last seconds the rate is taken.
    package init(span: Double) { self.span = span }

    /// Takes in the count at a time, in seconds; times do not go back.
    package mutating func record(_ count: Int, at time: Double) {
        samples.append((time, count))
        // One sample older than the span is kept: the rate is over the whole of it.
        while samples.count > 2, samples[1].time <= time - span { samples.removeFirst() }
    }

    /// The growth per second. 0 if too little is known.
    package var perSecond: Double {
        guard let first = samples.first, let last = samples.last, last.time > first.time else { return 0 }
        return Double(last.count - first.count) / (last.time - first.time)
    }
}
