// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

/// The moments of one stream of strangers' calls, in order.
struct StrangerStream: Sendable {
    let target: Strangers.Target
    /// When the next call comes.
    private(set) var next: Microseconds
    private let origin: Microseconds
    private let period: Double
    private let activeSpan: Double
    private let callsPerPeriod: Double
    private var index = 0

    init(_ strangers: Strangers, start: Microseconds, using generator: inout SplitMix) {
        (target, origin, next) = (strangers.target, start, start)
        switch strangers.shape {
        case .steady:
            (period, callsPerPeriod) = (60_000_000 / Double(strangers.perMinute), 1)
            activeSpan = period
        case .bursts(let every):
            period = Double(every.microseconds)
            callsPerPeriod = max(1, (Double(strangers.perMinute) * period / 60_000_000).rounded())
            activeSpan = period / 3
        }
        next = moment(using: &generator)
    }

    /// Goes on to the call after this one.
    mutating func advance(using generator: inout SplitMix) {
        index += 1
        // Each call has a part of the span of its own, so that the order holds.
        next = max(next, moment(using: &generator))
    }

    private func moment(using generator: inout SplitMix) -> Microseconds {
        let (turn, place) = (index / Int(callsPerPeriod), index % Int(callsPerPeriod))
        let part = (Double(place) + generator.fraction()) / callsPerPeriod
        return origin + Int64(Double(turn) * period + part * activeSpan)
    }
}
