// SPDX-License-Identifier: Apache-2.0

/// One row as it was in an earlier run, and now.
package struct Comparison: Sendable, Hashable {
    /// The change of a figure.
    package enum Change: Sendable, Hashable {
        /// Within what two runs of the same program differ by.
        case noise
        case better, worse
    }

    /// A figure that was measured once may differ by this part without meaning anything; one of several rounds by a
    /// third of it.
    private static let noise = 0.15

    package let before: Row
    package let now: Row

    /// The rows that both runs have, in the order of the newer.
    package static func of(_ before: [Row], _ now: [Row]) -> [Comparison] {
        let older = Dictionary(before.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return now.compactMap { row in older[row.id].map { Comparison(before: $0, now: row) } }
    }

    /// The part by which the figure grew. `nil` if it was 0.
    package var growth: Double? {
        before.figure.median == 0 ? nil : now.figure.median / before.figure.median - 1
    }

    /// Beyond noise: the rounds' middle halves do not meet, and the medians differ by more than machines do.
    package var change: Change {
        let (old, new) = (before.figure, now.figure)
        guard old.median != new.median else { return .noise }
        let least = min(old.rounds, new.rounds) > 1 ? Self.noise / 3 : Self.noise
        if let growth, abs(growth) <= least { return .noise }
        guard new.low > old.high || new.high < old.low else { return .noise }
        return (new.median > old.median) == now.isMoreBetter ? .better : .worse
    }
}
