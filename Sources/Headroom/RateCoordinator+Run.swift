// SPDX-License-Identifier: Apache-2.0

package import HeadroomSupport

extension RateCoordinator {
    /// How many steps the exchange loop may do before it lets others run.
    private static let turnsInARow = 16

    /// Does all background work: talks to the ledger, and times out those who wait too long. Runs until its task is
    /// cancelled or ``shutdown()`` is called; then gives back what is not used, within 2 s, and returns.
    ///
    /// - Throws: ``RateLimitError`` with the code `alreadyRunning` if it was called before, or after ``shutdown()``.
    public func run() async throws {
        guard state.withLock({ $0.start() }) else { throw RateLimitError.alreadyRunning }
        // Shielded from cancellation, which would break off the exchange that gives permits back: the machine
        // leaves instead.
        let work = Task { await self.work() }
        await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            shutdown()
        }
    }

    /// Ends ``run()``: nobody gets a permit any more, those who wait get an error, and what is not used is given back.
    ///
    /// Returns at once; ``run()`` returns when all is done. A second call does nothing; a call before ``run()`` ends
    /// the coordinator for good.
    public func shutdown() {
        let now = clock.now()
        let (actions, isEnded) = withStripesCollected(at: now) { state in (state.leave(at: now), state.phase == .ended)
        }
        perform(actions)
        if isEnded { hub.finish() }
    }

    private func work() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.runTimer() }
            // On the thread of whoever needs an exchange, and of whoever brings its answer: neither waits for another
            // thread.
            group.addTask(executorPreference: InlineExecutor()) { await self.runExchanges() }
            // The first to end: the timer at the end of the time to leave, or the exchanges when all is reported.
            await group.next()
            group.cancelAll()
        }
        hub.finish()
    }

    private func runExchanges() async {
        for turn in 1... {
            // A ledger that answers without suspending must not keep its caller's thread.
            if turn % Self.turnsInARow == 0 { await Task.yield() }
            let now = clock.now()
            let (step, actions) = withStripesCollected(at: now) { $0.nextStep(at: now) }
            perform(actions)
            switch step {
            case .join(let request): await join(request)
            case .exchange(let request): await exchange(request)
            case .sleep: await exchangeSignal.wait()
            case .stop: return
            }
        }
    }

    private func join(_ request: JoinRequest) async {
        do throws(LedgerError) {
            let reply = try await ledger.join(request, in: group)
            let now = clock.now()
            perform(withStripesCollected(at: now) { $0.joined(reply, request, at: now) })
        } catch {
            failed(error)
        }
    }

    private func exchange(_ request: ExchangeRequest) async {
        do throws(LedgerError) {
            let reply = try await ledger.exchange(request, in: group)
            let now = clock.now()
            perform(withStripesCollected(at: now) { $0.exchanged(reply, request, at: now) })
            guard case .done(let exchange) = reply else { return }
            let (actions, statistics) = state.withLock { state in
                (state.note(exchange, of: request, at: now), state.counters)
            }
            perform(actions)
            reporter.report(statistics)
        } catch {
            failed(error)
        }
    }

    private func failed(_ error: LedgerError) {
        let now = clock.now()
        let (actions, statistics) = withStripesCollected(at: now) { state in
            (state.failed(error, at: now), state.counters)
        }
        perform(actions)
        // While nothing is exchanged, what is granted in fallback is reported from here.
        reporter.report(statistics)
    }

    private func runTimer() async {
        while !Task.isCancelled {
            let now = clock.now()
            let (next, actions) = withStripesCollected(at: now) { $0.tick(at: now) }
            perform(actions)
            guard let next else { return }
            await sleep(until: next)
        }
    }

    /// Sleeps until that time, or until the timer's signal.
    private func sleep(until time: Microseconds) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.clock.sleep(until: time) }
            group.addTask { await self.timerSignal.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}

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
