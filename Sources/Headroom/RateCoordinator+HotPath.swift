// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

// What happens once or twice for each call. This thread's stripe does it where it can; the state does it otherwise, and
// gives the stripe what it needs for the next ones.
extension RateCoordinator {
    /// A permit that this thread's stripe has ready.
    func takeReady(_ lane: Lane) -> CoordinatorMachine.LeaseRecord? {
        guard lane.tenant == nil else { return nil }
        let now = clock.now()
        return stripes.withMine { $0.take(lane.priority, at: now) }
    }

    /// Hands over a permit from the pool, or says how to wait for one.
    func admit(_ lane: Lane, timeout: Duration?) -> (CoordinatorMachine.Admission, deadline: Microseconds) {
        let now = clock.now()
        let deadline = timeout.map { now.after(max(.zero, $0).microseconds) } ?? .max
        let (admission, wakes) = state.withLock { state in
            let first = state.admit(lane, deadline: deadline, at: now)
            switch first.0 {
            case .wait where state.isSpread:
                collect(into: &state, at: now)
                return state.admit(lane, deadline: deadline, at: now)
            case .lease: share(lane, of: &state, at: now)
            default: break
            }
            return first
        }
        perform(wakes)
        return (admission, deadline)
    }

    /// A permit whose slot has come, from the pool only.
    func takeNow(_ lane: Lane) -> CoordinatorMachine.LeaseRecord? {
        let now = clock.now()
        let (record, wakes) = state.withLock { state in
            let first = state.takeNow(lane, at: now)
            if first.0 == nil, state.isSpread {
                collect(into: &state, at: now)
                return state.takeNow(lane, at: now)
            }
            share(lane, of: &state, at: now)
            return first
        }
        perform(wakes)
        return record
    }

    /// Ends a lease whose call no limit rejected.
    func end(_ lease: CoordinatorMachine.LeaseRecord, as ending: CoordinatorMachine.Ending) {
        if stripes.withMine({ $0.end(lease, as: ending) }) { return }
        let now = clock.now()
        perform(
            state.withLock { state in
                let actions = state.end(lease, as: ending, at: now)
                if state.mayOpen(lease) { stripes.withMine { state.open(&$0) } }
                return actions
            })
    }

    /// Ends a lease with what the vendor answered.
    func complete(_ lease: CoordinatorMachine.LeaseRecord, _ reading: VendorReading) -> Verdict {
        let isRejected = reading.isRejected
        if !isRejected, reading.readings.isEmpty, reading.ignored.isEmpty {
            end(lease, as: .accepted)
            return .accepted
        }
        let now = clock.now()
        let wallNow = isRejected ? SystemClock.now() : 0
        let (verdict, actions) = state.withLock { $0.complete(lease, reading, at: now, wallNow: wallNow) }
        perform(actions)
        return verdict
    }

    /// Whether a lease may still be used.
    func isUsable(_ lease: CoordinatorMachine.LeaseRecord) -> Bool {
        let now = clock.now()
        return stripes.withMine { $0.knowsUsable(lease, at: now) } || state.withLock { $0.isUsable(lease, at: now) }
    }

    /// Changes the state when all that stripes have has been taken back: for whatever looks at the whole.
    func withStripesCollected<Result: Sendable>(
        at now: Microseconds, _ body: (inout CoordinatorMachine) -> Result
    ) -> Result {
        state.withLock { state in
            if state.isSpread { collect(into: &state, at: now) }
            return body(&state)
        }
    }

    private func collect(into state: inout CoordinatorMachine, at now: Microseconds) {
        stripes.collect(into: &state, at: now)
        state.isSpread = false
    }

    private func share(_ lane: Lane, of state: inout CoordinatorMachine, at now: Microseconds) {
        if state.mayShare(lane) { stripes.withMine { state.fill(&$0, lane, at: now) } }
    }
}
