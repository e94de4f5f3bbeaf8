// SPDX-License-Identifier: Apache-2.0

package import HeadroomSupport

/// An executor that runs a task's next piece of work on the thread that woke the task, instead of a pool thread.
///
/// Fit for work that is short and soon suspends again. One piece runs at a time: a piece that comes while another one
/// runs, for example after a yield, goes to the global pool, so that no thread is kept for long and no stack grows.
package final class InlineExecutor: TaskExecutor {
    private let isBusy = Mutex(false)
    /// What gets such a piece in place of the global pool: a test that keeps account of all tasks sets it. Default:
    /// nothing.
    package static let substitute = Mutex<(@Sendable (UnownedJob) -> Void)?>(nil)

    package func enqueue(_ job: consuming ExecutorJob) {
        guard isBusy.withLock({ begin(&$0) }) else {
            if let substitute = Self.substitute.withLock({ $0 }) { return substitute(UnownedJob(job)) }
            return globalConcurrentExecutor.enqueue(job)
        }
        // The task owns the executor and may end with this piece of work; the executor must outlive it.
        let own = Unmanaged.passRetained(self)
        defer { own.release() }
        UnownedJob(job).runSynchronously(on: asUnownedTaskExecutor())
        isBusy.withLock { $0 = false }
    }

    private func begin(_ isBusy: inout Bool) -> Bool {
        defer { isBusy = true }
        return !isBusy
    }
}
