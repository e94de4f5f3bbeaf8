// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// A wake-up call for one task. One that comes while no task waits is kept for the next that does.
final class Signal: Sendable {
    private struct State {
        var isFired = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Wakes the waiting task, or the next one that waits.
    func fire() {
        let waiting = state.withLock { state in
            let waiting = state.waiting
            state.waiting = nil
            state.isFired = waiting == nil
            return waiting
        }
        waiting?.resume()
    }

    /// Waits for the signal, or until the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let resumesNow = state.withLock { state in
                    // Checked under the lock: the handler of a cancellation before this point found no continuation.
                    if state.isFired || Task.isCancelled {
                        state.isFired = false
                        return true
                    }
                    state.waiting = continuation
                    return false
                }
                if resumesNow { continuation.resume() }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                let waiting = state.waiting
                state.waiting = nil
                return waiting
            }
            waiting?.resume()
        }
    }
}
