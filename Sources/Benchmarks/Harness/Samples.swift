// SPDX-License-Identifier: Apache-2.0

/// Raw measurements of one kind, in order of size: quantiles without buckets.
package struct Samples: Sendable, Hashable {
    private let sorted: [Double]

    /// Takes the values in any order.
    package init(_ values: [Double]) { sorted = values.sorted() }

    package var count: Int { sorted.count }

    /// The value that a share of all does not exceed (nearest rank). 0 if there is none.
    ///
    /// - Parameter share: 0...1; 0.5 is the median.
    package func quantile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((Double(sorted.count) * min(max(share, 0), 1)).rounded(.up))
        return sorted[max(1, rank) - 1]
    }

    /// The middle value, or the mean of the two in the middle. 0 if there is none.
    package var median: Double {
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
