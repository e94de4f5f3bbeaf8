// SPDX-License-Identifier: Apache-2.0

extension CoordinatorMachine {
    /// Begins the life of a coordinator; false where it had begun before.
    mutating func start() -> Bool {
        guard phase == .notStarted else { return false }
        phase = .running
        return true
    }

    /// Ends it: nobody is served any more, and what nobody has in hand is given back.
    mutating func leave(at now: Microseconds) -> Effects {
        var effects = Effects()
        guard phase == .running || phase == .notStarted else { return effects }
        let wasRunning = phase == .running
        phase = wasRunning ? .leaving(until: now + Self.leavingMaximum) : .ended
        for waiter in waiting.removeAll() {
            effects.outcomes.append((waiter.ticket, .failure(fail(.stopped))))
        }
        for (tenant, count) in pool.removeAll(before: .max) + scheduled.removeAll() where fallback == nil {
            box.giveBack(tenant, count, at: now)
        }
        // Whoever still waits for a slot finds its permit void.
        membership.generation += 1
        membership.retryAt = now
        exchangeWake = .min
        effects.wakes = [.exchange, .timer]
        return effects
    }

    /// What the timer loop does: times out waiters, ends leases that lasted too long, wakes the exchange loop. Returns
    /// when to look again; nil at the end.
    mutating func tick(at now: Microseconds) -> (next: Microseconds?, Effects) {
        var effects = Effects()
        if case .leaving(let until) = phase, now >= until { phase = .ended }
        guard phase != .ended else { return (nil, effects) }
        for waiter in waiting.removeExpired(at: now) {
            effects.outcomes.append((waiter.ticket, .failure(fail(timedOut(waiter.lane, at: now)))))
        }
        var ended = 0
        for (tenant, count) in leases.removeExpired(at: now) {
            ended += count
            effects.add(settleSpent(tenant, count, accepted: 0, isOwn: isOwnExpired(at: now), at: now))
        }
        if ended > 0 {
            counted.dropped += Int64(ended)
            effects.events.append(.leasesExpired(count: ended))
        }
        effects.add(loseLedger(at: now))
        effects.add(serveInFallback(at: now))
        if exchangeWake <= now {
            exchangeWake = .min
            effects.wakes.formUnion(.exchange)
        }
        effects.wakes.remove(.timer)
        timerWake = nextTick(at: now)
        return (timerWake, effects)
    }

    private mutating func nextTick(at now: Microseconds) -> Microseconds {
        var next = now + 60_000_000
        if let deadline = waiting.nextDeadline() { next = min(next, deadline) }
        if let end = leases.nextEnd { next = min(next, end) }
        if exchangeWake > now { next = min(next, exchangeWake) }
        if let end = patienceEnds, end > now { next = min(next, end) }
        next = min(next, nextInFallback)
        if case .leaving(let until) = phase { next = min(next, until) }
        return next
    }

    /// Gives up on one who has waited for `run()` to be started.
    mutating func giveUpUnstarted(_ id: UInt64) -> Effects {
        var effects = Effects()
        guard phase == .notStarted, let waiter = waiting.remove(id) else { return effects }
        effects.outcomes.append((waiter.ticket, .failure(fail(.notRunning))))
        return effects
    }
}
