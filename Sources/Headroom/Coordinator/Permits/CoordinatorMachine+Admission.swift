// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

extension CoordinatorMachine {
    /// A permit in a caller's hand.
    struct LeaseRecord: Sendable {
        let permit: Permit
        let cohort: Int64
    }

    enum Admission: Sendable {
        /// Now.
        case lease(LeaseRecord)
        /// When the permit's slot has come.
        case slot(Permit)
        /// Nothing is there: wait, under this number.
        case wait(UInt64)
        case failure(RateLimitError)
    }

    /// Hands over a permit from the pool, or says how to wait for one.
    mutating func admit(_ lane: Lane, deadline: Microseconds, at now: Microseconds) -> (Admission, Wakes) {
        if phase == .ended { return (.failure(fail(.stopped)), []) }
        guard now < goodUntil, let slot = pool.nextSlot(for: lane) else { return (.wait(nextID()), []) }
        guard slot <= deadline else { return (.failure(fail(tooLate(slot, for: lane, at: now))), []) }
        guard let permit = pool.take(for: lane, latest: slot) else { return (.wait(nextID()), []) }
        let wakes = pool.isLow(lane) ? schedule(max(now, advice[lane]?.askAt ?? now), at: now) : []
        if slot <= now { return (.lease(hand(permit, at: now)), wakes) }
        scheduled.add(permit.tenant)
        slotsAhead.append(slot)
        return (.slot(permit), wakes)
    }

    /// A permit whose slot has come, from the pool alone.
    mutating func takeNow(_ lane: Lane, at now: Microseconds) -> (LeaseRecord?, Wakes) {
        guard phase == .running, now < goodUntil, let permit = pool.take(for: lane, latest: now) else {
            return (nil, [])
        }
        return (hand(permit, at: now), pool.isLow(lane) ? schedule(max(now, advice[lane]?.askAt ?? now), at: now) : [])
    }

    private mutating func hand(_ permit: Permit, at now: Microseconds) -> LeaseRecord {
        counted.acquired += 1
        return LeaseRecord(permit: permit, cohort: leases.add(permit.tenant, at: now))
    }

    /// Puts a caller into the queue, unless there is something for it, or nothing can come in time.
    mutating func enqueue(
        _ id: UInt64, _ lane: Lane, deadline: Microseconds, again: Bool, ticket: Effects.Ticket, at now: Microseconds
    ) -> Effects {
        var effects = Effects()
        if let error = reasonNotToWait(lane, deadline: deadline, at: now) {
            effects.outcomes.append((ticket, .failure(fail(error))))
            return effects
        }
        waiting.add(.init(id: id, lane: lane, deadline: deadline, ticket: ticket), again: again)
        effects.wakes = scheduleTimer(deadline)
        effects.add(serve(lane.tenant, at: now))
        if fallback != nil {
            effects.add(serveInFallback(at: now))
        } else if phase == .running, waiting.count(of: lane) > 0 {
            effects.wakes.formUnion(schedule(max(now, advice[lane]?.askAt ?? now), at: now))
        }
        return effects
    }

    private func reasonNotToWait(_ lane: Lane, deadline: Microseconds, at now: Microseconds) -> RateLimitError? {
        switch phase {
        case .ended, .leaving: return .stopped
        case .notStarted where deadline <= now: return .notRunning
        case .notStarted, .running: break
        }
        if mustFail(at: now) { return .ledgerUnavailable(membership.failure ?? "the ledger does not answer") }
        guard waiting.count < configuration.maximumWaiters else { return .tooManyWaiters(configuration.maximumWaiters) }
        guard let advice = advice[lane], advice.askAt > now, advice.availableAt > deadline else {
            return deadline <= now ? .timedOut(short: self.advice[lane]?.limit, availableIn: 0) : nil
        }
        return error(of: advice, at: now)
    }

    /// Gives the permits of a tenant to those who wait for them, most urgent first.
    mutating func serve(_ tenant: Tenant?, at now: Microseconds) -> Effects {
        var effects = Effects()
        for priority in Priority.allCases.reversed() {
            let lane = Lane(tenant: tenant, priority: priority)
            while let waiter = waiting.first(of: lane), let slot = pool.nextSlot(for: lane) {
                guard now < goodUntil else { return effects }
                _ = waiting.remove(waiter.id)
                guard slot <= waiter.deadline, let permit = pool.take(for: lane, latest: slot) else {
                    effects.outcomes.append((waiter.ticket, .failure(fail(tooLate(slot, for: lane, at: now)))))
                    continue
                }
                scheduled.add(permit.tenant)
                if slot > now { slotsAhead.append(slot) }
                effects.outcomes.append((waiter.ticket, .permit(permit)))
            }
        }
        return effects
    }

    /// Turns a permit whose slot has come into a lease; nil where it is void, and the caller must wait anew.
    mutating func begin(_ permit: Permit, at now: Microseconds) -> (Result<LeaseRecord?, RateLimitError>, Effects) {
        guard permit.batch.generation == membership.generation else {
            return (phase == .running ? .success(nil) : .failure(fail(.stopped)), Effects())
        }
        scheduled.remove(permit.tenant)
        guard phase == .running, now < goodUntil else {
            let effects = settleUnused(permit, at: now)
            return (phase == .running ? .success(nil) : .failure(fail(.stopped)), effects)
        }
        return (.success(hand(permit, at: now)), Effects())
    }

    /// Takes a permit back from a caller that was cancelled while it waited for the slot: the next one gets it.
    mutating func giveBack(_ permit: Permit, at now: Microseconds) -> Effects {
        counted.failed += 1
        guard permit.batch.generation == membership.generation else { return Effects() }
        scheduled.remove(permit.tenant)
        guard phase == .running else { return settleUnused(permit, at: now) }
        pool.add(PermitRun(permit))
        var effects = serve(permit.tenant, at: now)
        if let earliest = pool.earliest { effects.wakes.formUnion(schedule(earliest + Self.idleMaximum, at: now)) }
        return effects
    }

    /// Ends a caller's wait because it was cancelled.
    mutating func cancel(_ id: UInt64) -> Effects {
        var effects = Effects()
        if let waiter = waiting.remove(id) { effects.outcomes.append((waiter.ticket, .failure(fail(.cancelled)))) }
        return effects
    }

    /// Counts an error that a caller gets.
    mutating func fail(_ error: RateLimitError) -> RateLimitError {
        counted.failed += 1
        return error
    }
}
