// SPDX-License-Identifier: Apache-2.0

// Work without the ledger. The exchange loop goes on asking it meanwhile; callers are served from here, under the same lock.
extension CoordinatorState {
    /// How long an instance keeps to its share after the ledger has answered again: all others find it within this span, at
    /// their next attempt, and tell what they spent. An attempt may take 2 s, and follows the one before after 1 s.
    static let returning: Microseconds = 4_000_000
    /// How often it tells meanwhile what it spends; less often where many do.
    private var tellingInterval: Microseconds {
        min(max(200_000, min(membership.members, 1_000) * 10_000), 1_000_000, settings.timeToLive.microseconds / 10)
    }

    /// Until when permits are good: where the instance works alone, the ledger does not limit them.
    var goodUntil: Microseconds { alone == nil ? membership.aliveUntil : .max }
    /// The epoch that permits are granted in now.
    var epoch: Int64 { alone?.epoch ?? membership.epoch }

    /// When the ledger will have been silent for too long; nil while it owes no answer, and where nothing would be done.
    var patienceEnds: Microseconds? {
        guard phase == .running, configuration.withoutLedger != .wait, alone == nil, membership.call != nil,
            membership.backoff.defects == 0
        else { return nil }
        return membership.calledAt.after(configuration.ledgerPatience.microseconds)
    }

    /// Whether callers are to get an error, for the ledger is out of reach.
    func mustFail(at now: Microseconds) -> Bool {
        configuration.withoutLedger == .fail && patienceEnds ?? .max <= now
    }

    /// Does what the configuration says, where the ledger has been silent for too long.
    mutating func loseLedger(at now: Microseconds) -> Effects {
        guard let end = patienceEnds, end <= now else { return Effects() }
        switch configuration.withoutLedger {
        case .wait: return Effects()
        case .fail:
            let message = membership.failure ?? "the ledger does not answer"
            return Effects(
                outcomes: waiting.removeAll().map { ($0.ticket, .failure(refuse(.ledgerUnavailable(message)))) })
        case .share where membership.members == 0: return Effects()
        case .share: return workAlone(sharing: min(membership.members, 1_000_000), at: now)
        case .unlimited: return workAlone(sharing: nil, at: now)
        }
    }

    private mutating func workAlone(sharing members: Int64?, at now: Microseconds) -> Effects {
        voidPermits()
        advice.removeAll()
        var untold = box.settlements
        if case .exchange(let request)? = membership.call { untold += request.settlements }
        alone = SafeShare(
            ShareBeginning(
                instance: instance, epoch: -Int64(membership.generation), settings: settings, members: members,
                gauges: watch.aged(at: now), holdFor: max(now, watch.heldUntil) - now, held: leases.held(and: []),
                history: history, untold: untold, wallNow: now + wallOffset, random: SplitMix(seed: random.next())),
            at: now)
        var effects = Effects(events: [.workingAlone(instances: members)])
        effects.add(serveAlone(at: now))
        return effects
    }

    /// Gives those who wait what the share has for them, and makes sure that the timer looks when there will be more.
    mutating func serveAlone(at now: Microseconds) -> Effects {
        var effects = Effects()
        guard alone != nil, phase == .running else { return effects }
        forgetPastSlots(at: now)
        for (tenant, count) in pool.removeAll(before: now - Self.idleMaximum) {
            alone?.box.giveBack(tenant, count, at: now)
        }
        let wants = waiting.lanes.filter { advice[$0]?.askAt ?? now <= now }.prefix(ExchangeRequest.maximumEntries)
            .map { Want(tenant: $0.tenant, priority: $0.priority, count: waiting.count(of: $0)) }
        let jitter = Int.random(in: 0...999, using: &random)
        if !wants.isEmpty || settlesAloneAt <= now,
            let exchange = alone?.exchange(wants, pooled: pool.count + scheduled.count, jitter: jitter, at: now)
        {
            for (want, grant) in zip(wants, exchange.grants) { take(grant, of: want, at: now) }
            for tenant in Set(wants.map(\.tenant)) { effects.add(serve(tenant, at: now)) }
            for (want, grant) in zip(wants, exchange.grants) {
                advise(Lane(tenant: want.tenant, priority: want.priority), grant, at: now, &effects)
            }
        }
        effects.wakes.formUnion(scheduleTimer(nextAlone))
        return effects
    }

    /// When there is something to do next for those who wait, and for what has ended; `.max` where there is nothing.
    var nextAlone: Microseconds {
        guard alone != nil else { return .max }
        return waiting.lanes.reduce(settlesAloneAt) { min($0, advice[$1]?.askAt ?? .max) }
    }

    /// When what has ended is to be counted, though nobody wants anything: as late as the ledger would be told.
    private var settlesAloneAt: Microseconds {
        guard let box = alone?.box, let since = box.since else { return .max }
        return box.isUrgent ? since : since.after(configuration.settleDelay.microseconds)
    }

    /// Counts how permits ended; `isOwn`: the instance had granted them itself, and the ledger does not know them.
    mutating func settleAlone(
        _ tenant: Tenant?, spent: Int = 0, accepted: Int = 0, unused: Int = 0, isOwn: Bool, at now: Microseconds
    ) -> Effects {
        alone?.box.spend(tenant, spent, accepted: accepted, at: now)
        alone?.box.giveBack(tenant, unused, at: now)
        if isOwn {
            alone?.spend(tenant, spent, at: now)
            for _ in 0..<unused { alone?.giveBack(tenant) }
            remember([Settlement(tenant: tenant, spent: spent)], at: now)
        } else {
            box.spend(tenant, spent, accepted: accepted, at: now)
            box.giveBack(tenant, unused, at: now)
        }
        return waiting.isEmpty ? Effects(wakes: scheduleTimer(nextAlone)) : serveAlone(at: now)
    }

    /// Whether the instance granted a permit itself, without the ledger.
    func isOwn(_ permit: Permit) -> Bool { alone != nil && permit.batch.generation == membership.generation }

    /// Whether leases that have lasted too long now were handed out since the ledger was given up.
    func isOwnExpired(at now: Microseconds) -> Bool {
        guard let alone else { return false }
        return now - configuration.leaseMaximum.microseconds >= alone.begun
    }

    /// When the ledger, which has answered, is to be told next; `.max` where a call is under way.
    var tellsAt: Microseconds? { alone.map { membership.call == nil ? $0.tellsAt : .max } }

    /// The ledger has answered an exchange that it was asked before it was given up: from now on it is told what is spent.
    mutating func ledgerAnswered(at now: Microseconds) {
        membership.isJoined = false
        if alone?.endsAt == nil { alone?.endsAt = now + Self.returning }
        alone?.tellsAt = now
    }

    /// The ledger was told. When all others can have told theirs, it is trusted again.
    mutating func told(at now: Microseconds) -> Effects {
        guard let share = alone else { return Effects() }
        let end = phase == .running ? share.endsAt ?? now + Self.returning : now
        guard membership.calledAt >= end || phase != .running else {
            alone?.endsAt = end
            let next = min(now + tellingInterval, end)
            alone?.tellsAt = next
            return Effects()
        }
        return workTogether(share, at: now)
    }

    private mutating func workTogether(_ share: SafeShare, at now: Microseconds) -> Effects {
        var share = share
        alone = nil
        voidPermits()
        advice.removeAll()
        // Ended while the ledger took the instance in, which told it that it holds them.
        for (tenant, count) in share.takeUnused() { box.giveBack(tenant, count, at: now) }
        for calls in share.takeUntold(at: now) { box.spend(calls.tenant, calls.count, at: now) }
        return Effects(
            events: [.workingTogether(granted: share.granted, after: .microseconds(now - share.begun))],
            wakes: schedule(now, at: now))
    }
}
