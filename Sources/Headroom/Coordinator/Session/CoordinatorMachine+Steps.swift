// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

extension CoordinatorMachine {
    /// What the exchange loop is to do next.
    enum Step: Sendable {
        case join(JoinRequest)
        case exchange(ExchangeRequest)
        /// Nothing, until it is woken.
        case sleep
        case stop
    }

    mutating func nextStep(at now: Microseconds) -> (Step, Effects) {
        var effects = Effects()
        if hasLeft(at: now) {
            phase = .ended
            effects.wakes = .timer
            return (.stop, effects)
        }
        exchangeWake = .min
        giveBackIdle(at: now)
        let due = nextDue(at: now)
        guard due <= now else {
            effects.wakes = sleep(until: due)
            return (.sleep, effects)
        }
        let call =
            membership.call
            ?? (membership.isJoined && fallback == nil ? .exchange(makeExchange(at: now)) : .join(makeJoin(at: now)))
        if membership.call == nil { membership.calledAt = now }
        (membership.call, membership.sentAt) = (call, now)
        if let end = patienceEnds { effects.wakes.formUnion(scheduleTimer(end)) }
        switch call {
        case .join(let request): return (.join(request), effects)
        case .exchange(let request): return (.exchange(request), effects)
        }
    }

    private mutating func sleep(until due: Microseconds) -> Wakes {
        exchangeWake = due
        return scheduleTimer(due)
    }

    private func hasLeft(at now: Microseconds) -> Bool {
        switch phase {
        case .notStarted, .running: false
        case .leaving(let until): now >= until || (!membership.isJoined && fallback == nil)
        case .ended: true
        }
    }

    /// When the ledger is to be asked next.
    private mutating func nextDue(at now: Microseconds) -> Microseconds {
        if let reportsAt, membership.call == nil { return phase == .running ? max(reportsAt, membership.retryAt) : now }
        if membership.isWaiting { return membership.retryAt }
        guard phase == .running else { return now }
        var due = membership.sentAt.after(settings.timeToLive.microseconds / 4)
        due = min(due, settlementDue(at: now))
        for lane in waiting.lanes { due = min(due, advice[lane]?.askAt ?? now) }
        for lane in pool.stocked where pool.isLow(lane) { due = min(due, advice[lane]?.askAt ?? now) }
        if let earliest = pool.earliest { due = min(due, earliest.after(Self.idleMaximum + 1)) }
        return due
    }

    /// Takes permits out of the pool whose slot is long past; at the end all that an exchange under way still brought.
    private mutating func giveBackIdle(at now: Microseconds) {
        let oldest = phase == .running ? now - Self.idleMaximum : .max
        for (tenant, count) in pool.removeAll(before: oldest) {
            if fallback == nil {
                box.giveBack(tenant, count, at: now)
            } else {
                fallback?.box.giveBack(tenant, count, at: now)
            }
        }
    }

    private mutating func makeExchange(at now: Microseconds) -> ExchangeRequest {
        forgetPastSlots(at: now)
        var request = ExchangeRequest(
            instance: instance, epoch: membership.epoch, sequence: membership.sequence + 1,
            jitter: Int.random(in: 0...999, using: &random), pooled: pool.count + scheduled.count)
        box.move(to: &request, at: now)
        if phase == .running {
            request.wants = wants(at: now)
        } else {
            request.isLast = box.isEmpty
        }
        return request
    }

    mutating func forgetPastSlots(at now: Microseconds) {
        while let slot = slotsAhead.first, slot <= now { _ = slotsAhead.popFirst() }
    }

    /// What all waiters want, and the stock of lanes with a high demand; most urgent first.
    private mutating func wants(at now: Microseconds) -> [Want] {
        pool.measureDemand(at: now)
        let lanes = waiting.lanes + pool.stocked.filter { waiting.count(of: $0) == 0 }
        return longestUnasked(lanes).compactMap { lane in
            let count = waiting.count(of: lane) + pool.restock(lane)
            return count > 0 ? Want(tenant: lane.tenant, priority: lane.priority, count: count) : nil
        }
    }

    /// As many lanes as one request holds, in their order: those first whose turn to ask came first, so that none is
    /// left out for ever.
    private func longestUnasked(_ lanes: [Lane]) -> [Lane] {
        guard lanes.count > ExchangeRequest.maximumEntries else { return lanes }
        let turns = lanes.indices.map { (turn: advice[lanes[$0]]?.askAt ?? .min, index: $0) }.sorted { $0 < $1 }
        return turns.prefix(ExchangeRequest.maximumEntries).map(\.index).sorted().map { lanes[$0] }
    }

    /// What the ledger has forgotten, where it is an older copy of itself.
    private mutating func backfills(at now: Microseconds) -> [SpentCalls] {
        guard let since = membership.forgottenSince else { return [] }
        membership.forgottenSince = nil
        return recent.entries(at: now, from: since, to: fallback?.begun ?? .max)
    }

    private mutating func makeJoin(at now: Microseconds) -> JoinRequest {
        let unreported = backfills(at: now) + (fallback?.takeUnreported(at: now) ?? [])
        if !unreported.isEmpty { tellings += 1 }
        // Counted already: the ledger took as spent all that a silent instance held, and one without memory is told the
        // history.
        if membership.wasSilent { remember(box.removeSettlements(), at: now) }
        return JoinRequest(
            instance: instance, weight: configuration.weight, settings: settings,
            proposedEpoch: Int64.random(in: 1..<Rules.epochMaximum, using: &random), knownEpoch: membership.epoch,
            isInFallback: fallback.map { phase == .running && now < $0.endsAt ?? .max } ?? false,
            permits: leases.permits(and: box.settlements),
            history: membership.epoch == 0 ? [] : history.entries(at: now), unreported: unreported,
            backfillNumber: tellings)
    }
}
