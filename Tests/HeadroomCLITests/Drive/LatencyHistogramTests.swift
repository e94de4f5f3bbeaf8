// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeadroomCLI
import HeadroomTesting
import Testing

@Suite("The histogram of waits")
struct LatencyHistogramTests {
    @Test(
        "Quantiles are within 1.6 % of the true ones, over six orders of magnitude", arguments: [1, 2, 3] as [UInt64])
    func accuracy(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let values = (0..<5_000).map { _ in Int64(exp(Double.random(in: log(20)...log(60_000_000), using: &generator)))
        }
        var histogram = LatencyHistogram()
        for value in values { histogram.record(microseconds: value) }
        let sorted = values.sorted()
        for share in [0.01, 0.1, 0.5, 0.9, 0.99, 0.999] {
            let truth = Double(sorted[Int((5_000 * share).rounded(.up)) - 1])
            #expect(abs(histogram.quantile(share) - truth) <= 0.016 * truth + 1, "share \(share)")
        }
        #expect(histogram.maximum == sorted.last)
        #expect(histogram.count == 5_000)
    }

    @Test("What several counted and merged is what one would have counted")
    func merging() {
        var (one, other, all) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for value in 1...1_000 as ClosedRange<Int64> {
            all.record(microseconds: value * 37)
            if value % 3 == 0 { one.record(microseconds: value * 37) } else { other.record(microseconds: value * 37) }
        }
        one.merge(other)
        #expect(one == all)
    }

    @Test("It survives being sent, and stays small")
    func coding() throws {
        var histogram = LatencyHistogram()
        for value in 0...20_000 as ClosedRange<Int64> { histogram.record(microseconds: value * value) }
        let data = try JSONEncoder().encode(histogram)
        #expect(try JSONDecoder().decode(LatencyHistogram.self, from: data) == histogram)
        #expect(data.count < 8_000)
    }

    @Test("Nothing, one value, none, and values out of all range have quantiles within it")
    func edges() {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == 0)
        histogram.record(microseconds: 1_000_000)
        #expect(histogram.quantile(0) == histogram.quantile(1))
        #expect(abs(histogram.quantile(0.5) - 1_000_000) <= 16_000)
        histogram.record(microseconds: .max)
        histogram.record(microseconds: -5)
        histogram.record(microseconds: 0)
        #expect(histogram.maximum == .max)
        #expect(histogram.quantile(0.25) < 1)
        #expect(histogram.count == 4)
    }
}
