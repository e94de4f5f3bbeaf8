// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

/// A random number generator that gives the same numbers for the same seed, on every platform: for tests whose failures
/// can be repeated. Not for secrets.
///
/// The algorithm is SplitMix64 (Steele, Lea and Flood, 2014): a counter with a fixed step, well mixed. Every seed is
/// good, neighbouring seeds give unrelated numbers, and all 2^64 states are gone through before any repeats. A value: a
/// copy goes on from the same state on its own.
public struct SeededGenerator: RandomNumberGenerator, Sendable, Hashable {
    private var generator: SplitMix

    /// Makes a generator. Any seed will do.
    public init(seed: UInt64) { generator = SplitMix(seed: seed) }

    public mutating func next() -> UInt64 { generator.next() }
}
