// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness

/// What a soak is to be like.
struct SoakOptions: Sendable {
    /// Seconds.
    var seconds: Double
    var workers: Int
    /// Calls that each worker makes at one time.
    var concurrency: Int
    var seed: UInt64
    var kinds: [FaultKind]
    /// The length of the window that limits most. Seconds.
    var window: Int
    /// Of the workers' instances. Seconds.
    var timeToLive: Int
}
