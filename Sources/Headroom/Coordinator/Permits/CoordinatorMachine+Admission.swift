// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

// How a caller gets its lease.
//
// ```
//  admit ── lease                                   a permit is in the pool, and its slot has come
//    ├───── slot ── (sleep) ── begin ── lease       its slot is to come
//    └───── wait ── enqueue ── serve ── slot        none is in the pool; exchanges fill it
// ```
//
// A permit may become void on its way: `begin` then returns no lease, and the caller waits again in its old place.
extension CoordinatorMachine {
    enum Admission: Sendable {
        /// A lease, now.
        case lease(LeaseRecord)
        /// A permit whose slot is to come.
        case slot(Permit)
        /// Nothing yet: the caller is to wait, under this number.
        case wait(UInt64)
        case failure(RateLimitError)
    }

    /// Hands over a permit from the pool, or says how to wait for one.
    mutating func admit(_ lane: Lane, deadline: Microseconds, at now: Microseconds) -> (Admission, Wakes) {
        if phase == .ended { return (.failure(fail(.stopped)), []) }
        guard now < permitsValidUntil, let slot = pool.nextSlot(for: lane) else { return (.wait(nextID()), []) }
        guard slot <= deadline else { return (.failure(fail(tooLate(slot, for: lane, at: now))), []) }
        guard let permit = pool.take(for: lane, latest: slot) else { return (.wait(nextID()), []) }
        let wakes = pool.isLow(lane) ? schedule(max(now, advice[lane]?.askAt ?? now), at: now) : []
        if slot <= now { return (.lease(handOver(permit, at: now)), wakes) }
        scheduled.add(permit.tenant)
        slotsAhead.append(slot)
        return (.slot(permit), wakes)
    }

    /// Hands over a permit whose slot has come, if the pool has one.
    mutating func takeNow(_ lane: Lane, at now: Microseconds) -> (LeaseRecord?, Wakes) {
        guard phase == .running, now < permitsValidUntil, let permit = pool.take(for: lane, latest: now) else {
            return (nil, [])
        }
        let wakes = pool.isLow(lane) ? schedule(max(now, advice[lane]?.askAt ?? now), at: now) : []
        return (handOver(permit, at: now), wakes)
    }

    private mutating func handOver(_ permit: Permit, at now: Microseconds) -> LeaseRecord {
        counters.acquired += 1
        return LeaseRecord(permit: permit, cohort: leases.add(permit.tenant, at: now))
    }

    /// Puts a caller into the queue, unless there is a permit for it, or none can come in time.
    ///
    /// - Parameter again: whether the caller had a permit that became void, and takes its old place.
    mutating func enqueue(
        _ id: UInt64, _ lane: Lane, deadline: Microseconds, again: Bool, waiter: Actions.Waiter, at now: Microseconds
    ) -> Actions {
        var actions = Actions()
        if let error = reasonNotToWait(lane, deadline: deadline, at: now) {
            actions.outcomes.append((waiter, .failure(fail(error))))
            return actions
        }
        waiting.add(.init(id: id, lane: lane, deadline: deadline, waiter: waiter), again: again)
        actions.wakes = scheduleTimer(deadline)
        actions.add(serve(lane.tenant, at: now))
        if isInFallback {
            actions.add(serveInFallback(at: now))
        } else if phase == .running, waiting.count(of: lane) > 0 {
            actions.wakes.formUnion(schedule(max(now, advice[lane]?.askAt ?? now), at: now))
        }
        return actions
    }

    private func reasonNotToWait(_ lane: Lane, deadline: Microseconds, at now: Microseconds) -> RateLimitError? {
        switch phase {
        case .ended, .leaving: return .stopped
        case .notStarted where deadline <= now: return .notRunning
        case .notStarted, .running: break
        }
        if failsCallers(at: now) { return .ledgerUnavailable(membership.failure) }
        guard waiting.count < configuration.maximumWaiters else { return .tooManyWaiters(configuration.maximumWaiters) }
        guard let advice = advice[lane], advice.askAt > now, advice.availableAt > deadline else {
            return deadline <= now ? .timedOut(short: self.advice[lane]?.limit, availableIn: 0) : nil
        }
        return error(of: advice, at: now)
    }

    /// Gives the permits of a tenant to those who wait for them, most urgent first.
    mutating func serve(_ tenant: Tenant?, at now: Microseconds) -> Actions {
        var actions = Actions()
        for priority in Priority.allCases.reversed() {
            let lane = Lane(tenant: tenant, priority: priority)
            while let entry = waiting.first(of: lane), let slot = pool.nextSlot(for: lane) {
                guard now < permitsValidUntil else { return actions }
                _ = waiting.remove(entry.id)
                guard slot <= entry.deadline, let permit = pool.take(for: lane, latest: slot) else {
                    actions.outcomes.append((entry.waiter, .failure(fail(tooLate(slot, for: lane, at: now)))))
                    continue
                }
                scheduled.add(permit.tenant)
                if slot > now { slotsAhead.append(slot) }
                actions.outcomes.append((entry.waiter, .permit(permit)))
            }
        }
        return actions
    }

    /// Turns a permit whose slot has come into a lease. `nil` if the permit is void, and the caller must wait again.
    mutating func begin(_ permit: Permit, at now: Microseconds) -> (Result<LeaseRecord?, RateLimitError>, Actions) {
        guard permit.batch.generation == membership.generation else {
            return (phase == .running ? .success(nil) : .failure(fail(.stopped)), Actions())
        }
        scheduled.remove(permit.tenant)
        guard phase == .running, now < permitsValidUntil else {
            let actions = settleUnused(permit, at: now)
            return (phase == .running ? .success(nil) : .failure(fail(.stopped)), actions)
        }
        return (.success(handOver(permit, at: now)), Actions())
    }

    /// Takes a permit back from a caller that was cancelled while it waited for the slot: the next caller gets it.
    mutating func giveBack(_ permit: Permit, at now: Microseconds) -> Actions {
        counters.failed += 1
        guard permit.batch.generation == membership.generation else { return Actions() }
        scheduled.remove(permit.tenant)
        guard phase == .running else { return settleUnused(permit, at: now) }
        pool.add(PermitRun(permit))
        var actions = serve(permit.tenant, at: now)
        if let earliest = pool.earliest { actions.wakes.formUnion(schedule(earliest + Self.idleMaximum, at: now)) }
        return actions
    }

    /// Ends a caller's wait because it was cancelled.
    mutating func cancel(_ id: UInt64) -> Actions {
        var actions = Actions()
        if let entry = waiting.remove(id) { actions.outcomes.append((entry.waiter, .failure(fail(.cancelled)))) }
        return actions
    }
}

// Errors of callers.
extension CoordinatorMachine {
    /// Counts an error that a caller gets, and returns it.
    mutating func fail(_ error: RateLimitError) -> RateLimitError {
        counters.failed += 1
        return error
    }

    /// The error of a caller that cannot be served in time.
    func error(of advice: Advice, at now: Microseconds) -> RateLimitError {
        let availableIn = max(0, advice.availableAt - now)
        switch advice.cause {
        case .limit(let limit):
            let isDay = (watch[limit]?.resetsIn ?? .zero) > .zero
            return .exhausted(limit, availableIn: availableIn, isDay: isDay, wallNow: SystemClock.now())
        case .hold: return .onHold(availableIn: availableIn)
        case .learning: return .timedOut(short: nil, availableIn: 0)
        }
    }

    /// The error of a caller whose permit's slot is later than its deadline.
    func tooLate(_ slot: Microseconds, for lane: Lane, at now: Microseconds) -> RateLimitError {
        guard let pacedLimit else { return .noSlot(availableIn: slot - now) }
        return .exhausted(LimitReference(.product, pacedLimit), availableIn: slot - now, isDay: false, wallNow: 0)
    }

    /// The error of a caller whose timeout has come.
    func timedOut(_ lane: Lane, at now: Microseconds) -> RateLimitError {
        if !isInFallback, let failure = membership.failure { return .ledgerUnavailable(failure) }
        let advice = advice[lane]
        return .timedOut(short: advice?.limit, availableIn: (advice?.availableAt ?? now) - now)
    }
}
