// SPDX-License-Identifier: Apache-2.0

import KeapSimulator

/// 2026-11-22T00:00:00Z.
let midnight: Int64 = 1_795_305_600_000_000
let second: Int64 = 1_000_000
let minute = 60 * second
let day = 86_400 * second

/// A vendor without limits, to which a test adds the one it is about.
let unlimited = VendorConfiguration(spike: nil, throttle: nil, quota: nil)

/// A generator whose numbers depend on its seed and nothing else.
struct TestGenerator: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed &* 2 &+ 1 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) | (state << 31)
    }
}

/// Moments of traffic that comes in heaps and gaps, oldest first.
func traffic(seed: UInt64, count: Int, meanGap: Int64, from start: Int64) -> [Int64] {
    var generator = TestGenerator(seed)
    var time = start
    return (0..<count).map { _ in
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: time += meanGap * 40
        case 1...6: break
        default: time += Int64.random(in: 0...meanGap * 2, using: &generator)
        }
        return time
    }
}

/// The most moments in any span of one window, counted the slow way.
func slowPeak(_ times: [Int64], window: Int64) -> Int {
    times.map { end in times.count { $0 > end - window && $0 <= end } }.max() ?? 0
}

/// The first call that was judged otherwise than expected.
func firstDifference(_ judged: [Bool], _ expected: [Bool]) -> Int? {
    judged.indices.first { judged[$0] != expected[$0] }
}

extension VendorModel {
    /// Sends calls and returns whether each was let through.
    mutating func send(_ times: [Int64], tenant: String? = nil) -> [Bool] {
        times.map { receive(tenant: tenant, at: $0).outcome == .accepted }
    }

    /// What the header of a call at a moment says, as a number.
    mutating func reported(_ header: String, tenant: String? = nil, at time: Int64) -> Int? {
        receive(tenant: tenant, at: time).header(header).flatMap { Int($0) }
    }
}
