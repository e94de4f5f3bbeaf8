// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

/// The calls left to make and the figures so far, which the tasks of one process share.
final class CallCounter: Sendable {
    private struct State: Sendable {
        var report = ProcessReport()
        var left: Int?
        var isStopping = false
        var hasAnswer = false
        var failuresInARow = 0
        var end: ContinuousClock.Instant?
    }

    /// The number of failed calls in a row, with no answer ever, at which the process gives up.
    private let patience: Int
    private let start = ContinuousClock.now
    private let state: Mutex<State>

    init(calls: Int?, concurrency: Int) {
        patience = max(3, concurrency)
        state = Mutex(State(left: calls))
    }

    /// Takes one of the calls left. Returns `false` if there is none, or the process is to stop.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isStopping, state.left != 0 else { return false }
            if let left = state.left { state.left = left - 1 }
            return true
        }
    }

    /// Gives a call back that was taken and not sent.
    func giveBack() {
        state.withLock { state in
            if let left = state.left { state.left = left + 1 }
        }
    }

    func recordWait(_ wait: Duration) {
        state.withLock { $0.report.acquire.record(microseconds: wait.microseconds) }
    }

    func record(status: Int, isRejected: Bool) {
        state.withLock { state in
            state.hasAnswer = true
            if isRejected {
                state.report.tally.rejected += 1
            } else if status >= 500 {
                state.report.tally.failed += 1
                state.report.firstFailure = state.report.firstFailure ?? "status \(status)"
            } else {
                state.report.tally.accepted += 1
            }
        }
    }

    /// Counts a call without an answer; after some of them, and no answer ever, the process stops.
    func recordFailure(_ reason: String) {
        state.withLock { state in
            state.report.tally.failed += 1
            state.report.firstFailure = state.report.firstFailure ?? reason
            state.failuresInARow += 1
            if !state.hasAnswer, state.failuresInARow >= patience { state.isStopping = true }
        }
    }

    func recordExhausted(_ message: String) {
        state.withLock { state in
            state.report.tally.exhausted += 1
            state.report.firstExhausted = state.report.firstExhausted ?? message
        }
    }

    /// Notes that the ledger could not be used.
    func recordLedgerFailure(_ message: String) {
        state.withLock { $0.report.firstFailure = $0.report.firstFailure ?? message }
    }

    func stop() {
        state.withLock { $0.isStopping = true }
    }

    /// Notes that all calls have ended.
    func finish(url: String) {
        state.withLock { state in
            state.end = ContinuousClock.now
            guard !state.hasAnswer, let failure = state.report.firstFailure else { return }
            state.report.unreachable = state.report.tally.failed > 0 ? "no answer from \(url): \(failure)" : failure
        }
    }

    func report(roundTrips: Int64, limits: [LimitUse]) -> ProcessReport {
        state.withLock { state in
            var report = state.report
            let span = (state.end ?? ContinuousClock.now) - start
            report.seconds = Double(span.microseconds) / 1_000_000
            (report.roundTrips, report.limits) = (roundTrips, limits)
            return report
        }
    }
}
