// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A histogram of durations, whose buckets grow by 3 %: quantiles are within 1.5 %, and histograms merge by adding.
///
/// Only buckets in use take room.
package struct LatencyHistogram: Sendable, Hashable, Codable {
    private static let growth = 1.03
    /// Up to 1 µs is bucket 0; the last one ends beyond an hour.
    private static let lastBucket = 750

    private var counts: [Int: Int] = [:]
    /// The largest duration recorded, exactly. Microseconds.
    package private(set) var maximum: Int64 = 0

    /// Makes an empty histogram.
    package init() {}

    /// How many durations were recorded.
    package var count: Int { counts.values.reduce(0, +) }

    /// Records a duration in microseconds; a negative one counts as 0.
    package mutating func record(microseconds: Int64) {
        counts[Self.bucket(of: microseconds), default: 0] += 1
        maximum = max(maximum, microseconds)
    }

    /// Adds what another one has counted.
    package mutating func merge(_ other: LatencyHistogram) {
        counts.merge(other.counts, uniquingKeysWith: +)
        maximum = max(maximum, other.maximum)
    }

    /// The duration, in microseconds, that a share of the recorded ones does not exceed. 0 if there is none.
    ///
    /// - Parameter share: 0...1; 0.5 is the median.
    package func quantile(_ share: Double) -> Double {
        let total = count
        guard total > 0 else { return 0 }
        let rank = max(1, Int((Double(total) * min(max(share, 0), 1)).rounded(.up)))
        var passed = 0
        for (bucket, count) in counts.sorted(by: { $0.key < $1.key }) {
            passed += count
            if passed >= rank { return min(Self.middle(of: bucket), Double(maximum)) }
        }
        return Double(maximum)
    }

    private static func bucket(of microseconds: Int64) -> Int {
        guard microseconds > 1 else { return 0 }
        return min(lastBucket, Int(log(Double(microseconds)) / log(growth)) + 1)
    }

    /// The geometric middle: as far from either end, in proportion.
    private static func middle(of bucket: Int) -> Double {
        bucket == 0 ? 0.5 : pow(growth, Double(bucket) - 0.5)
    }

    // As `[maximum, bucket, count, bucket, count, …]`: it is sent several times a second.

    package init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        maximum = try values.decode(Int64.self)
        while !values.isAtEnd {
            let bucket = try values.decode(Int.self)
            counts[min(max(bucket, 0), Self.lastBucket), default: 0] += try values.decode(Int.self)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.unkeyedContainer()
        try values.encode(maximum)
        for (bucket, count) in counts {
            try values.encode(bucket)
            try values.encode(count)
        }
    }
}
