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

    private mutating func makeJoin(at now: Microseconds) -> JoinRequest {
        // Counted already: the ledger took all permits of an instance that expired as spent, and a ledger without
        // memory gets the history.
        if membership.hadExpired {
            remember(outbox.removeSettlements(), report: membership.answered, at: now)
        }
        safeShare?.noteReport()
        return JoinRequest(
            instance: instance, weight: configuration.weight, settings: settings,
            proposedEpoch: Int64.random(in: 1..<Rules.epochMaximum, using: &random), knownEpoch: membership.epoch,
            sequence: membership.sequence + 1,
            isInFallback: safeShare.map { phase == .running && now < $0.endsAt ?? .max } ?? false,
            permits: leases.permits(and: outbox.settlements),
            history: membership.epoch == 0 ? [] : history.entries(at: now))
    }
}

/// The instance's standing with the ledger, and the one request that is under way.
struct Membership: Sendable {
    enum Request: Sendable {
        case join(JoinRequest)
        case exchange(ExchangeRequest)

        var sequence: Int64 {
            switch self {
            case .join(let request): request.sequence
            case .exchange(let request): request.sequence
            }
        }
    }

    /// The ledger's epoch in its newest answer. 0 before the first join.
    var epoch: Int64 = 0
    var isJoined = false
    /// The number of the newest report that is over: answered, or not carried out. No number is used twice.
    var sequence: Int64 = 0
    /// The number of the newest report that was carried out and answered.
    var answered: Int64 = 0
    /// The number of the newest join that was answered.
    var joinSequence: Int64 = 0
    /// The time until which the ledger counts the instance as alive, and its permits are valid.
    var aliveUntil: Microseconds = .min
    /// The count of times at which all permits became void. A permit of an older generation is void.
    var generation = 0
    /// Whether the instance had outlived its time to live when the ledger did not know it any more. The ledger has then
    /// counted the instance's permits as spent.
    var hadExpired = false

    /// The request that has no answer yet: repeated unchanged until it has one.
    var pending: Request?
    /// The time at which the newest request was sent, the repetition of one included.
    var sentAt: Microseconds = .min
    /// The time at which the newest request was sent first.
    var firstSentAt: Microseconds = .min
    /// The number of instances alive in the newest answer. 0 before the first one.
    var members: Int64 = 0
    /// The time before which a failed request is not repeated.
    var retryAt: Microseconds = .min
    var backoff = Backoff.ledger
    /// The reason why the ledger cannot be reached. `nil` while it can.
    var failure: LedgerError?

    /// Whether the next request can only be the pending one once more, or a join.
    var mustRetryOrJoin: Bool { pending != nil || !isJoined }
    /// The number of the next report that can carry what ends now.
    var nextSequence: Int64 { (pending?.sequence ?? sequence) + 1 }
}

extension Backoff {
    /// Pauses before the ledger is asked again, in microseconds: 50 ms doubled up to 1 s, after defects 1 s doubled up
    /// to 5 s, each changed by at most a quarter.
    static var ledger: Backoff {
        Backoff(first: 50_000, longest: 1_000_000, defect: 5_000_000, spreadPerMille: 750...1250)
    }
}
