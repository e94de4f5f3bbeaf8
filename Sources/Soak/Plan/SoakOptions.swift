// SPDX-License-Identifier: Apache-2.0

/// The settings of a soak.
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

    /// How long nothing is broken at first: until the first window, which is spent in a burst, is over. Seconds.
    var warmUp: Double { Double(max(window, timeToLive)) }
    /// How long a run has to be for one fault of any kind. Seconds.
    var shortest: Double { warmUp + 3.5 * Double(timeToLive) }
}
/// The error of an option: the value, and what would be right.
package struct SoakOptionError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
