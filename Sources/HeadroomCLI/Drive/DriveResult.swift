// SPDX-License-Identifier: Apache-2.0

/// The figures of a whole drive: what `--json` writes, with the same names.
package struct DriveResult: Sendable, Hashable, Codable {
    /// Calls that were sent: accepted, rejected and failed.
    package var calls: Int
    /// Calls answered, with neither 429 nor a server's error.
    package var accepted: Int
    /// Calls answered with 429.
    package var rejected: Int
    /// Calls not answered, or with a server's error.
    package var failed: Int
    /// How often a wait for a permit ended because a limit is used up.
    package var exhausted: Int
    /// The message of the first such end.
    package var firstExhausted: String?
    /// Why the first failed call failed.
    package var firstFailure: String?
    /// From the start of the calls to the end of the last one.
    package var seconds: Double
    /// Accepted calls per minute.
    package var perMinute: Double
    /// Exchanges with the ledger.
    package var roundTrips: Int64
    /// How long tasks waited for a permit.
    package var acquireMilliseconds: Quantiles
    /// How much of each limit was taken at the end.
    package var limits: [LimitUse]
    /// Each process.
    package var processes: [Process]
    /// Why it ended early: `SIGINT` or `SIGTERM`. `nil` if it did not.
    package var interrupted: String?

    /// A median, a 99th percentile (both within 1.5 %), and the largest value.
    package struct Quantiles: Sendable, Hashable, Codable {
        package var p50: Double
        package var p99: Double
        package var max: Double
    }

    /// The figures of one process, as it reported them last.
    package struct Process: Sendable, Hashable, Codable {
        package var process: Int
        package var pid: Int32
        package var accepted: Int
        package var rejected: Int
        package var failed: Int
        /// How it ended: `signal 9 (SIGKILL)`. `nil` if it ended in order.
        package var exit: String?
    }

    /// Makes the result from what the processes reported.
    package init(_ state: FleetState, interrupted: String? = nil) {
        let seconds = state.seconds
        let tally = state.tally
        (calls, accepted, rejected, failed) = (tally.calls, tally.accepted, tally.rejected, tally.failed)
        (exhausted, firstExhausted, firstFailure) = (tally.exhausted, state.firstExhausted, state.firstFailure)
        self.seconds = Self.rounded(seconds)
        perMinute = seconds > 0 ? Self.rounded(Double(tally.accepted) / seconds * 60) : 0
        roundTrips = state.roundTrips
        let acquire = state.acquire
        acquireMilliseconds = Quantiles(
            p50: Self.rounded(acquire.quantile(0.5) / 1_000), p99: Self.rounded(acquire.quantile(0.99) / 1_000),
            max: Self.rounded(Double(acquire.maximum) / 1_000))
        limits = state.limits
        processes = state.members.enumerated().map { index, member in
            Process(
                process: index + 1, pid: member.processID, accepted: member.report.tally.accepted,
                rejected: member.report.tally.rejected, failed: member.report.tally.failed,
                exit: member.exit.flatMap { $0.isFine ? nil : $0.description })
        }
        self.interrupted = interrupted
    }

    private static func rounded(_ number: Double) -> Double { (number * 1_000).rounded() / 1_000 }
}
