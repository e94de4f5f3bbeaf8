// SPDX-License-Identifier: Apache-2.0

extension CoordinatorMachine {
    /// Begins the life of a coordinator. `false` if it had begun before.
    mutating func start() -> Bool {
        guard phase == .notStarted else { return false }
        phase = .running
        return true
    }

    /// Begins the end: nobody is served any more, and permits that no caller has in hand are given back.
    mutating func leave(at now: Microseconds) -> Actions {
        var actions = Actions()
        guard phase == .running || phase == .notStarted else { return actions }
        let wasRunning = phase == .running
        phase = wasRunning ? .leaving(until: now + Self.leavingMaximum) : .ended
        for entry in waiting.removeAll() {
            actions.outcomes.append((entry.waiter, .failure(fail(.stopped))))
        }
        for (tenant, count) in pool.removeAll(before: .max) + scheduled.removeAll() where !isInFallback {
            outbox.giveBack(tenant, count, at: now)
        }
        // A caller that still waits for a slot finds its permit void.
        membership.generation += 1
        membership.retryAt = now
        exchangeWake = .min
        actions.wakes = [.exchange, .timer]
        return actions
    }

    /// What the timer loop does: ends waits whose timeout has come and leases that lasted too long, gives the ledger up
    /// if it has not answered for too long, serves callers in fallback, and wakes the exchange loop.
    ///
    /// - Returns: the time of the next tick. `nil` at the end of the coordinator's life.
    mutating func tick(at now: Microseconds) -> (next: Microseconds?, Actions) {
        var actions = Actions()
        if case .leaving(let until) = phase, now >= until { phase = .ended }
        guard phase != .ended else { return (nil, actions) }
        for entry in waiting.removeExpired(at: now) {
            actions.outcomes.append((entry.waiter, .failure(fail(timedOut(entry.lane, at: now)))))
        }
        var ended = 0
        for (tenant, count) in leases.removeExpired(at: now) {
            ended += count
            actions.add(settleSpent(tenant, count, accepted: 0, isOwn: isOwnExpired(at: now), at: now))
        }
        if ended > 0 {
            counters.dropped += Int64(ended)
            actions.events.append(.leasesExpired(count: ended))
        }
        actions.add(applyOutagePolicy(at: now))
        actions.add(serveInFallback(at: now))
        if exchangeWake <= now {
            exchangeWake = .min
            actions.wakes.formUnion(.exchange)
        }
        actions.wakes.remove(.timer)
        timerWake = nextTick(at: now)
        return (timerWake, actions)
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

    /// Ends the wait of a caller that came before `run()` was started, if it has not been started since.
    mutating func giveUpUnstarted(_ id: UInt64) -> Actions {
        var actions = Actions()
        guard phase == .notStarted, let entry = waiting.remove(id) else { return actions }
        actions.outcomes.append((entry.waiter, .failure(fail(.notRunning))))
        return actions
    }
}
