// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import Testing

@Suite("Results compared with earlier ones")
struct ComparisonTests {
    @Test("Rows are found by their id, in the order of the newer result; what one of them lacks is left out")
    func matching() {
        let comparisons = Comparison.of(
            [Self.row("a", [1]), Self.row("b", [2]), Self.row("gone", [1])],
            [Self.row("b", [4]), Self.row("new", [1]), Self.row("a", [1])])
        #expect(comparisons.map(\.now.id) == ["b", "a"])
        #expect(comparisons.map(\.growth) == [1, 0])
    }

    @Test(
        "A change counts only beyond noise",
        arguments: [
            // Middle halves that do not meet, and more than 5 %.
            ([1.0, 1.01, 1.02], [1.2, 1.21, 1.22], Comparison.Change.worse),
            ([1.2, 1.21, 1.22], [1, 1.01, 1.02], .better),
            // Less than 5 %.
            ([1, 1.001, 1.002], [1.03, 1.031, 1.032], .noise),
            // They meet.
            ([1, 1.2, 1.4], [1.1, 1.35, 1.5], .noise),
            // Measured once: 15 %.
            ([1], [1.14], .noise), ([1], [1.16], .worse), ([1], [0.8], .better),
            // From nothing to something.
            ([0], [2], .worse), ([0], [0], .noise),
        ])
    func noise(before: [Double], now: [Double], change: Comparison.Change) {
        #expect(Comparison.of([Self.row("a", before)], [Self.row("a", now)])[0].change == change)
    }

    @Test("Where more is better, more is better")
    func direction() {
        let more = [Self.row("a", [1], isMoreBetter: true)]
        #expect(Comparison.of(more, [Self.row("a", [2], isMoreBetter: true)])[0].change == .better)
        #expect(Comparison.of(more, [Self.row("a", [0.5], isMoreBetter: true)])[0].change == .worse)
    }

    @Test("A ratio is compared where there is one: a slower machine is no change")
    func ratios() {
        func row(_ scale: Double) -> Row {
            var pairs = Pairs()
            for value in [10.0, 11, 12] { pairs.add(baseline: value * scale, subject: 2 * value * scale) }
            return Row("a", "a", pairs, .nanoseconds)
        }
        #expect(Comparison.of([row(1)], [row(3)])[0].change == .noise)
    }

    @Test("The table names what changed, and how")
    func table() {
        let before = Self.report([Self.row("a", [1, 1, 1]), Self.row("b", [4])])
        let now = Self.report([Self.row("a", [2, 2, 2]), Self.row("b", [4.1])])
        #expect(
            now.lines(comparedWith: before) == [
                "   before   now    change",
                "a    1.00  2.00  +100.0 %  worse",
                "b    4.00  4.10    +2.5 %",
            ])
    }

    @Test("A quick run beside a whole one is pointed out")
    func quick() {
        var quick = Self.report([Self.row("a", [1])])
        quick.isQuick = true
        let whole = Self.report([Self.row("a", [1])])
        let line = "Only one of the two was a quick run: they differ by more than noise."
        #expect(whole.lines(comparedWith: quick).last == line)
        #expect(quick.lines(comparedWith: quick).last != line)
    }

    private static func row(_ id: String, _ values: [Double], isMoreBetter: Bool = false) -> Row {
        Row(id, id, Spread(values), .count, isMoreBetter: isMoreBetter)
    }

    private static func report(_ rows: [Row]) -> BenchmarkReport {
        BenchmarkReport(date: "", machine: "", isQuick: false, rows: rows)
    }
}
