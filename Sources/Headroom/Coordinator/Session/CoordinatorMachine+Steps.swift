// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

// What the exchange loop asks the ledger, and when.
extension CoordinatorMachine {
    /// What the exchange loop does next.
    enum Step: Sendable {
        case join(JoinRequest)
        case exchange(ExchangeRequest)
        /// Nothing, until the loop is woken.
        case sleep
        case stop
    }

    /// The next step of the exchange loop: a pending request once more if it is due, else a new exchange, or a join if
    /// the ledger does not know the instance or is to learn of work in fallback.
    mutating func nextStep(at now: Microseconds) -> (Step, Actions) {
        var actions = Actions()
        if hasLeft(at: now) {
            phase = .ended
            actions.wakes = .timer
            return (.stop, actions)
        }
        exchangeWake = .min
        giveBackIdle(at: now)
        let due = nextDue(at: now)
        guard due <= now else {
            actions.wakes = sleep(until: due)
            return (.sleep, actions)
        }
        let request =
            membership.pending
            ?? (membership.isJoined && !isInFallback ? .exchange(makeExchange(at: now)) : .join(makeJoin(at: now)))
        if membership.pending == nil { membership.firstSentAt = now }
        (membership.pending, membership.sentAt) = (request, now)
        if let end = patienceEnds { actions.wakes.formUnion(scheduleTimer(end)) }
        switch request {
        case .join(let request): return (.join(request), actions)
        case .exchange(let request): return (.exchange(request), actions)
        }
    }

    private mutating func sleep(until due: Microseconds) -> Wakes {
        exchangeWake = due
        return scheduleTimer(due)
    }

    private func hasLeft(at now: Microseconds) -> Bool {
        switch phase {
        case .notStarted, .running: false
        case .leaving(let until): now >= until || (!membership.isJoined && !isInFallback)
        case .ended: true
        }
    }

    /// The time of the next request: the earliest of the heartbeat, what is to be settled, what waiting lanes and low
    /// stocks may ask for, and permits that lie idle. While the instance must retry or join, the time for that.
    private mutating func nextDue(at now: Microseconds) -> Microseconds {
        if let reportsAt, membership.pending == nil {
            return phase == .running ? max(reportsAt, membership.retryAt) : now
        }
        if membership.mustRetryOrJoin { return membership.retryAt }
        guard phase == .running else { return now }
        var due = membership.sentAt.after(settings.timeToLive.microseconds / 4)
        due = min(due, settlementDue(at: now))
        for lane in waiting.lanes { due = min(due, advice[lane]?.askAt ?? now) }
        for lane in pool.stocked where pool.isLow(lane) { due = min(due, advice[lane]?.askAt ?? now) }
        if let earliest = pool.earliest { due = min(due, earliest.after(Self.idleMaximum + 1)) }
        return due
    }

    /// Gives back permits in the pool whose slot is long past. At the end, all permits that an exchange under way still
    /// brought.
    private mutating func giveBackIdle(at now: Microseconds) {
        let oldest = phase == .running ? now - Self.idleMaximum : .max
        for (tenant, count) in pool.removeAll(before: oldest) {
            if !isInFallback {
                outbox.giveBack(tenant, count, at: now)
            } else {
                safeShare?.outbox.giveBack(tenant, count, at: now)
            }
        }
    }

    private mutating func makeExchange(at now: Microseconds) -> ExchangeRequest {
        forgetPastSlots(at: now)
        var request = ExchangeRequest(
            instance: instance, epoch: membership.epoch, sequence: membership.sequence + 1,
            jitter: Int.random(in: 0...999, using: &random), pooled: pool.count + scheduled.count)
        outbox.move(to: &request, at: now)
        if phase == .running {
            request.wants = wants(at: now)
        } else {
            request.isLast = outbox.isEmpty
        }
        return request
    }

    mutating func forgetPastSlots(at now: Microseconds) {
        while let slot = slotsAhead.first, slot <= now { _ = slotsAhead.popFirst() }
    }

    /// What all waiters want, and what stocks lack; most urgent lanes first.
    private mutating func wants(at now: Microseconds) -> [Want] {
        pool.measureDemand(at: now)
        let lanes = waiting.lanes + pool.stocked.filter { waiting.count(of: $0) == 0 }
        return longestUnasked(lanes).compactMap { lane in
            let count = waiting.count(of: lane) + pool.restock(lane)
            return count > 0 ? Want(tenant: lane.tenant, priority: lane.priority, count: count) : nil
        }
    }

    /// As many lanes as one request holds, in their order. If there are more, those that might have asked earliest, so
    /// that no lane is left out for ever.
    private func longestUnasked(_ lanes: [Lane]) -> [Lane] {
        guard lanes.count > ExchangeRequest.maximumEntries else { return lanes }
        let byTime = lanes.indices.map { (askAt: advice[lanes[$0]]?.askAt ?? .min, index: $0) }.sorted { $0 < $1 }
        return byTime.prefix(ExchangeRequest.maximumEntries).map(\.index).sorted().map { lanes[$0] }
    }

    /// What the ledger has forgotten if it is an older copy of itself.
    private mutating func forgotten(at now: Microseconds) -> [SpentCalls] {
        guard let since = membership.forgottenSince else { return [] }
        membership.forgottenSince = nil
        return recent.entries(at: now, from: since, to: safeShare?.startedAt ?? .max)
    }

    private mutating func makeJoin(at now: Microseconds) -> JoinRequest {
        let unreported = forgotten(at: now) + (safeShare?.takeUnreported(at: now) ?? [])
        if !unreported.isEmpty { backfillNumber += 1 }
        // Counted already: the ledger took all permits of an instance that expired as spent, and a ledger without
        // memory gets the history.
        if membership.hadExpired { remember(outbox.removeSettlements(), at: now) }
        return JoinRequest(
            instance: instance, weight: configuration.weight, settings: settings,
            proposedEpoch: Int64.random(in: 1..<Rules.epochMaximum, using: &random), knownEpoch: membership.epoch,
            isInFallback: safeShare.map { phase == .running && now < $0.endsAt ?? .max } ?? false,
            permits: leases.permits(and: outbox.settlements),
            history: membership.epoch == 0 ? [] : history.entries(at: now), unreported: unreported,
            backfillNumber: backfillNumber)
    }
}
