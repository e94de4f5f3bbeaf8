// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import Testing

@Suite("Figures of raw samples")
struct StatisticsTests {
    @Test(
        "A quantile is the value of the nearest rank",
        arguments: [(0.0, 1.0), (0.1, 1), (0.5, 5), (0.51, 6), (0.9, 9), (0.99, 10), (1, 10), (7, 10), (-1, 1)])
    func quantiles(share: Double, value: Double) {
        #expect(Samples([7, 3, 1, 10, 2, 9, 4, 8, 6, 5]).quantile(share) == value)
    }

    @Test("The median of an even number is between the two in the middle, and of none it is 0")
    func medians() {
        #expect(Samples([4, 1, 3, 2]).median == 2.5)
        #expect(Samples([9, 1, 5]).median == 5)
        #expect(Samples([]).median == 0)
        #expect(Samples([]).quantile(0.5) == 0)
    }

    @Test("A spread holds the median and the middle half of the rounds")
    func spread() {
        let spread = Spread([8, 1, 2, 3, 4, 5, 6, 7])
        #expect((spread.median, spread.low, spread.high) == (4.5, 2, 6))
        #expect(spread.rounds == 8)
    }

    @Test("Jain's index is 1 for equal shares, and a part of n where n have all")
    func jain() {
        #expect(Jain.index([3, 3, 3]) == 1)
        #expect(Jain.index([0, 0, 8, 0]) == 0.25)
        #expect(Jain.index([5, 5, 0, 0]) == 0.5)
        #expect(Jain.index([]) == 1)
        #expect(Jain.index([0, 0]) == 1)
    }

    @Test("Ratios are taken round by round, without rounds whose baseline is nothing")
    func ratios() {
        var pairs = Pairs()
        pairs.add(baseline: 10, subject: 20)
        pairs.add(baseline: 0, subject: 1)
        pairs.add(baseline: 5, subject: 2)
        #expect(pairs.ratios == [2, 0.4])
    }

    @Test("Baseline and subject take turns, the first round does not count")
    func turns() async throws {
        var order = ""
        let pairs = try await Measurement(rounds: 3)(
            baseline: {
                order += "b"
                return Double(order.count)
            },
            subject: {
                order += "s"
                return Double(order.count)
            })
        #expect(order == "bsbssbbs")
        #expect(pairs.baseline == [3, 6, 7])
        #expect(pairs.subject == [4, 5, 8])
    }
}
