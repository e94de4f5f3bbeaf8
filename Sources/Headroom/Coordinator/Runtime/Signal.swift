// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// Wakes one task that waits. A signal that nobody waits for is kept until somebody does.
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
                    // Checked under the lock: a cancellation before this point has not found the continuation.
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
