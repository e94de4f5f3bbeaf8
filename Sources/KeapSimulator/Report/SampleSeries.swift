// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The traffic of the last 15 minutes by the second; seconds without traffic are left out.
struct SampleSeries: Sendable {
    static let span = 900

    private var ring: [SimulatorReport.Sample?] = Array(repeating: nil, count: span)

    /// Changes the sample of a moment's second.
    mutating func update(at time: Microseconds, _ change: (inout SimulatorReport.Sample) -> Void) {
        let second = Int(time / 1_000_000)
        let place = Int(floorModulo(Int64(second), Int64(Self.span)))
        var sample = SimulatorReport.Sample(second: second)
        if let kept = ring[place], kept.second == second { sample = kept }
        change(&sample)
        ring[place] = sample
    }

    /// The samples of the 15 minutes before a moment, oldest first.
    func samples(at time: Microseconds) -> [SimulatorReport.Sample] {
        let oldest = Int(time / 1_000_000) - Self.span
        return ring.compactMap { $0 }.filter { $0.second > oldest }.sorted { $0.second < $1.second }
    }
}
