// SPDX-License-Identifier: Apache-2.0

/// The figures of one process so far.
package struct ProcessReport: Sendable, Hashable, Codable {
    package var tally = CallTally()
    /// From the start to the end of its calls, or until now.
    package var seconds = 0.0
    /// Exchanges with the ledger.
    package var roundTrips: Int64 = 0
    /// How long tasks waited for a permit.
    package var acquire = LatencyHistogram()
    /// What is known of the limits.
    package var limits: [LimitUse] = []
    /// The message of the first wait that ended because a limit is used up.
    package var firstExhausted: String?
    /// Why the first failed call failed.
    package var firstFailure: String?
    /// Why the process gave up: none of its calls reached the vendor, or the ledger could not be used.
    package var unreachable: String?

    package init() {}
}

/// A line that a process of a drive writes to the one that started it.
package enum ChildMessage: Sendable, Hashable, Codable {
    /// It has understood its order and waits for the start.
    case ready
    /// The figures so far.
    case report(ProcessReport)
    /// A line of the log.
    case log(String)
    /// The last figures.
    case done(ProcessReport)
}
