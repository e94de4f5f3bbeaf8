// SPDX-License-Identifier: Apache-2.0

/// How long to wait before the next attempt to connect: doubling, bounded, and jittered, so that many processes that
/// lost the same server do not come back in step.
struct Backoff {
    let minimum: Duration
    let maximum: Duration
    private var failures = 0

    init(minimum: Duration, maximum: Duration) {
        self.minimum = max(minimum, .milliseconds(1))
        self.maximum = max(maximum, self.minimum)
    }

    /// The next pause: between half of and the whole of `minimum × 2^failures`, at most `maximum`.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let whole = min(maximum, minimum * (1 << min(failures, 16)))
        failures += 1
        return whole * Double.random(in: 0.5...1, using: &generator)
    }

    /// A connection has proved itself: the next pause is the shortest again.
    mutating func reset() { failures = 0 }
}
