// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How late the machine is at the moment: what a bound on real time has to allow for, so that a test holds beside any
/// load and is strict on a machine with nothing else to do.
///
/// A thread and a task sleep for 5 ms over and over, from the meter's beginning to its end, and note by how much they
/// woke too late. Safe to share between threads.
public final class MachineNoise: Sendable {
    private struct State {
        var longest = Duration.zero
        var isEnded = false
    }

    private static let span = Duration.milliseconds(5)
    private let state = Guarded(State())

    /// Begins to measure.
    public init() {
        Thread.detachNewThread { [state] in
            while Self.notes(state, { usleep(5_000) }) {}
        }
        Task { [state] in
            while !state.with({ $0.isEnded }) {
                let begin = ContinuousClock.now
                try? await Task.sleep(for: Self.span)
                Self.note(state, since: begin)
            }
        }
    }

    deinit { state.with { $0.isEnded = true } }

    /// What the machine may have added to a span that takes several threads and processes: twenty times the most by
    /// which one of them was late.
    public var allowance: Duration { state.with { $0.longest } * 20 }

    private static func notes(_ state: Guarded<State>, _ sleep: () -> Void) -> Bool {
        let begin = ContinuousClock.now
        sleep()
        note(state, since: begin)
        return !state.with { $0.isEnded }
    }

    private static func note(_ state: Guarded<State>, since begin: ContinuousClock.Instant) {
        let late = begin.duration(to: .now) - span
        state.with { $0.longest = max($0.longest, late) }
    }
}
