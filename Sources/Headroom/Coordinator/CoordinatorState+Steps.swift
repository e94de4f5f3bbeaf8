// SPDX-License-Identifier: Apache-2.0

extension CoordinatorState {
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
            membership.call ?? (membership.isJoined ? .exchange(makeExchange(at: now)) : .join(makeJoin(at: now)))
        (membership.call, membership.sentAt) = (call, now)
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
        case .leaving(let until): now >= until || !membership.isJoined
        case .ended: true
        }
    }

    /// When the ledger is to be asked next.
    private mutating func nextDue(at now: Microseconds) -> Microseconds {
        if membership.call != nil { return membership.retryAt }
        guard membership.isJoined, phase == .running else { return now }
        var due = membership.sentAt.after(settings.timeToLive.microseconds / 4)
        due = min(due, settlementDue(at: now))
        for lane in waiting.lanes { due = min(due, advice[lane]?.askAt ?? now) }
        for lane in pool.stocked where pool.isLow(lane) { due = min(due, advice[lane]?.askAt ?? now) }
        if let earliest = pool.earliest { due = min(due, earliest.after(Self.idleMaximum + 1)) }
        return due
    }

    /// Takes permits out of the pool whose slot is long past.
    private mutating func giveBackIdle(at now: Microseconds) {
        for (tenant, count) in pool.removeAll(before: now - Self.idleMaximum) { box.giveBack(tenant, count, at: now) }
    }

    private mutating func makeExchange(at now: Microseconds) -> ExchangeRequest {
        while let slot = slotsAhead.first, slot <= now { _ = slotsAhead.popFirst() }
        var request = ExchangeRequest(
            instance: instance, epoch: membership.epoch, sequence: membership.sequence + 1,
            jitter: Int.random(in: 0...999, using: &random), pooled: pool.count + scheduled)
        box.move(to: &request, at: now)
        if phase == .running {
            request.wants = wants(at: now)
        } else {
            request.isLast = box.isEmpty
        }
        return request
    }

    /// What all waiters want, and the stock of lanes with a high demand; most urgent first.
    private mutating func wants(at now: Microseconds) -> [Want] {
        pool.measureDemand(at: now)
        let waiting = waiting.lanes
        var lanes = Array(waiting.prefix(ExchangeRequest.maximumEntries))
        for lane in pool.stocked where lanes.count < ExchangeRequest.maximumEntries && !lanes.contains(lane) {
            lanes.append(lane)
        }
        return lanes.compactMap { lane in
            let count = self.waiting.count(of: lane) + pool.restock(lane)
            return count > 0 ? Want(tenant: lane.tenant, priority: lane.priority, count: count) : nil
        }
    }

    private mutating func makeJoin(at now: Microseconds) -> JoinRequest {
        var past = history
        past.add(box.settlements, at: now)
        return JoinRequest(
            instance: instance, weight: configuration.weight, settings: settings,
            proposedEpoch: Int64.random(in: 1..<Rules.epochMaximum, using: &random), knownEpoch: membership.epoch,
            held: leases.held, history: membership.epoch == 0 ? [] : past.entries(at: now))
    }
}
