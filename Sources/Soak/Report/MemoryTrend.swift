// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// The straight line through samples of memory: whether it grows.
package struct MemoryTrend: Sendable, Hashable, Codable {
    /// One look.
    package struct Sample: Sendable, Hashable {
        /// Seconds.
        package var time: Double
        package var bytes: Double

        package init(time: Double, bytes: Double) { (self.time, self.bytes) = (time, bytes) }
    }

    /// From the first sample to the last. Seconds.
    package var seconds: Double
    package var mean: Double
    /// By how much the line rises over all of it; negative: it falls. Bytes.
    package var rise: Double
    package var most: Double

    /// The shortest time after which a rise means anything. Seconds.
    private static let shortest = 120.0
    /// The part of its mean by which the memory of a process may rise.
    private static let part = 0.05
    /// The constant that comes on top. Bytes.
    private static let constant = Double(2 << 20)

    /// Draws the line. `nil` if there are less than three samples.
    package init?(_ samples: [Sample]) {
        guard samples.count > 2, let first = samples.first, let last = samples.last, last.time > first.time else {
            return nil
        }
        let count = Double(samples.count)
        let meanTime = samples.reduce(0) { $0 + $1.time } / count
        let meanBytes = samples.reduce(0) { $0 + $1.bytes } / count
        var (both, square) = (0.0, 0.0)
        for sample in samples {
            both += (sample.time - meanTime) * (sample.bytes - meanBytes)
            square += (sample.time - meanTime) * (sample.time - meanTime)
        }
        (seconds, mean) = (last.time - first.time, meanBytes)
        rise = both / square * seconds
        most = samples.map(\.bytes).max() ?? 0
    }

    /// The most that it may rise by. Bytes.
    package var bound: Double { Self.part * mean + Self.constant }

    /// The trend as something that must hold. `nil` if the time was too short to say.
    package func check(_ name: String) -> SoakCheck? {
        guard seconds >= Self.shortest else { return nil }
        func mebibytes(_ bytes: Double) -> String { NumberText.fixed(bytes / Double(1 << 20), decimals: 2) }
        return SoakCheck(
            "the memory of \(name) is flat",
            """
            mean \(mebibytes(mean)) MiB, most \(mebibytes(most)), rise \(mebibytes(rise)) in \(Int(seconds)) s, \
            bound \(mebibytes(bound))
            """, rise <= bound)
    }
}
