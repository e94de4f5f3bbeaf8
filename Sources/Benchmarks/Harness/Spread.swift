// SPDX-License-Identifier: Apache-2.0

/// The outcome of several rounds of one measurement: the median, and the range of the middle half.
package struct Spread: Sendable, Hashable, Codable {
    /// The median of the rounds.
    package var median: Double
    /// A quarter of the rounds were below.
    package var low: Double
    /// A quarter of the rounds were above.
    package var high: Double
    /// How many rounds; with one, nothing is known of the noise.
    package var rounds: Int

    /// Sums up the rounds' values.
    package init(_ values: [Double]) {
        let samples = Samples(values)
        (median, low, high) = (samples.median, samples.quantile(0.25), samples.quantile(0.75))
        rounds = values.count
    }

    /// A value that was measured once.
    package init(_ value: Double) { self.init([value]) }
}
