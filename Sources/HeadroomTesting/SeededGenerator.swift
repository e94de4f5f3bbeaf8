// SPDX-License-Identifier: Apache-2.0

/// A random number generator that gives the same numbers for the same seed, on every platform: for tests whose failures
/// can be repeated. Not for secrets.
///
/// The algorithm is SplitMix64 (Steele, Lea and Flood, 2014): a counter with a fixed step, well mixed. Every seed is good,
/// neighbouring seeds give unrelated numbers, and all 2^64 states are gone through before any repeats. A value: a copy
/// goes on from the same state on its own.
public struct SeededGenerator: RandomNumberGenerator, Sendable, Hashable {
    private var state: UInt64

    /// Makes a generator. Any seed will do.
    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
