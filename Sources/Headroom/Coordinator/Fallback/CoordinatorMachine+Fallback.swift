// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

// Work without the ledger. The exchange loop goes on asking it meanwhile; callers are served from here, under the same
// lock.
extension CoordinatorMachine {
    /// How long an instance keeps to its share after the ledger has answered again: all others find it within this
    /// span, at their next attempt, and tell what they spent. An attempt may take 2 s, and follows the one before after
    /// 1 s.
    static let returning: Microseconds = 4_000_000
    /// How often it tells meanwhile what it spends; less often where many do.
    private var reportInterval: Microseconds {
        min(max(200_000, min(membership.members, 1_000) * 10_000), 1_000_000, settings.timeToLive.microseconds / 10)
    }

    /// Until when permits are good: where the instance works alone, the ledger does not limit them.
    var goodUntil: Microseconds { fallback == nil ? membership.aliveUntil : .max }
    /// The epoch that permits are granted in now.
    var epoch: Int64 { fallback?.epoch ?? membership.epoch }

    /// When the ledger will have been silent for too long; nil while it owes no answer, and where nothing would be
    /// done.
    var patienceEnds: Microseconds? {
        guard phase == .running, configuration.ledgerOutagePolicy != .wait, fallback == nil, membership.call != nil,
            membership.backoff.defects == 0
        else { return nil }
        return membership.calledAt.after(configuration.ledgerPatience.microseconds)
    }

    /// Whether callers are to get an error, for the ledger is out of reach.
    func mustFail(at now: Microseconds) -> Bool {
        configuration.ledgerOutagePolicy == .fail && patienceEnds ?? .max <= now
    }

    /// Does what the configuration says, where the ledger has been silent for too long.
    mutating func loseLedger(at now: Microseconds) -> Effects {
        guard let end = patienceEnds, end <= now else { return Effects() }
        switch configuration.ledgerOutagePolicy {
        case .wait: return Effects()
        case .fail:
            let message = membership.failure ?? "the ledger does not answer"
            return Effects(
                outcomes: waiting.removeAll().map { ($0.ticket, .failure(fail(.ledgerUnavailable(message)))) })
        case .share where membership.members == 0: return Effects()
        case .share: return beginFallback(sharing: min(membership.members, 1_000_000), at: now)
        case .unlimited: return beginFallback(sharing: nil, at: now)
        }
    }

    private mutating func beginFallback(sharing members: Int64?, at now: Microseconds) -> Effects {
        voidPermits()
        advice.removeAll()
        var unreported = box.settlements
        if case .exchange(let request)? = membership.call { unreported += request.settlements }
        fallback = SafeShare(
            ShareBeginning(
                instance: instance, epoch: -Int64(membership.generation), settings: settings, members: members,
                gauges: watch.aged(at: now), holdFor: max(now, watch.pausedUntil) - now,
                permits: leases.permits(and: []),
                history: history, unreported: unreported, wallNow: now + wallOffset,
                random: SplitMix(seed: random.next())),
            at: now)
        var effects = Effects(events: [.fallbackStarted(instances: members)])
        effects.add(serveInFallback(at: now))
        return effects
    }

    /// Gives those who wait what the share has for them, and makes sure that the timer looks when there will be more.
    mutating func serveInFallback(at now: Microseconds) -> Effects {
        var effects = Effects()
        guard fallback != nil, phase == .running else { return effects }
        forgetPastSlots(at: now)
        for (tenant, count) in pool.removeAll(before: now - Self.idleMaximum) {
            fallback?.box.giveBack(tenant, count, at: now)
        }
        let wants = waiting.lanes.filter { advice[$0]?.askAt ?? now <= now }.prefix(ExchangeRequest.maximumEntries)
            .map { Want(tenant: $0.tenant, priority: $0.priority, count: waiting.count(of: $0)) }
        let jitter = Int.random(in: 0...999, using: &random)
        if !wants.isEmpty || fallbackSettlesAt <= now,
            let exchange = fallback?.exchange(wants, pooled: pool.count + scheduled.count, jitter: jitter, at: now)
        {
            for (want, grant) in zip(wants, exchange.grants) { take(grant, of: want, at: now) }
            for tenant in Set(wants.map(\.tenant)) { effects.add(serve(tenant, at: now)) }
            for (want, grant) in zip(wants, exchange.grants) {
                advise(Lane(tenant: want.tenant, priority: want.priority), grant, at: now, &effects)
            }
        }
        effects.wakes.formUnion(scheduleTimer(nextInFallback))
        return effects
    }

    /// When there is something to do next for those who wait, and for what has ended; `.max` where there is nothing.
    var nextInFallback: Microseconds {
        guard fallback != nil else { return .max }
        return waiting.lanes.reduce(fallbackSettlesAt) { min($0, advice[$1]?.askAt ?? .max) }
    }

    /// When what has ended is to be counted, though nobody wants anything: as late as the ledger would be told.
    private var fallbackSettlesAt: Microseconds {
        guard let box = fallback?.box, let since = box.since else { return .max }
        return box.isUrgent ? since : since.after(configuration.settleDelay.microseconds)
    }

    /// Counts how permits ended; `isOwn`: the instance had granted them itself, and the ledger does not know them.
    mutating func settleInFallback(
        _ tenant: Tenant?, spent: Int = 0, accepted: Int = 0, unused: Int = 0, isOwn: Bool, at now: Microseconds
    ) -> Effects {
        fallback?.box.spend(tenant, spent, accepted: accepted, at: now)
        fallback?.box.giveBack(tenant, unused, at: now)
        if isOwn {
            fallback?.spend(tenant, spent, at: now)
            for _ in 0..<unused { fallback?.giveBack(tenant) }
            remember([Settlement(tenant: tenant, spent: spent)], at: now)
        } else {
            box.spend(tenant, spent, accepted: accepted, at: now)
            box.giveBack(tenant, unused, at: now)
        }
        return waiting.isEmpty ? Effects(wakes: scheduleTimer(nextInFallback)) : serveInFallback(at: now)
    }

    /// Whether the instance granted a permit itself, without the ledger.
    func isOwn(_ permit: Permit) -> Bool { fallback != nil && permit.batch.generation == membership.generation }

    /// Whether leases that have lasted too long now were handed out since the ledger was given up.
    func isOwnExpired(at now: Microseconds) -> Bool {
        guard let fallback else { return false }
        return now - configuration.leaseMaximum.microseconds >= fallback.begun
    }

    /// When the ledger, which has answered, is to be told next; `.max` where a call is under way.
    var reportsAt: Microseconds? { fallback.map { membership.call == nil ? $0.reportsAt : .max } }

    /// The ledger has answered an exchange that it was asked before it was given up: from now on it is told what is
    /// spent.
    mutating func ledgerAnswered(at now: Microseconds) {
        membership.isJoined = false
        if fallback?.endsAt == nil { fallback?.endsAt = now + Self.returning }
        fallback?.reportsAt = now
    }

    /// The ledger was told. When all others can have told theirs, it is trusted again.
    mutating func told(at now: Microseconds) -> Effects {
        guard let share = fallback else { return Effects() }
        let end = phase == .running ? share.endsAt ?? now + Self.returning : now
        guard membership.calledAt >= end || phase != .running else {
            fallback?.endsAt = end
            let next = min(now + reportInterval, end)
            fallback?.reportsAt = next
            return Effects()
        }
        return endFallback(share, at: now)
    }

    private mutating func endFallback(_ share: SafeShare, at now: Microseconds) -> Effects {
        var share = share
        fallback = nil
        voidPermits()
        advice.removeAll()
        // Ended while the ledger took the instance in, which told it that it holds them.
        for (tenant, count) in share.takeUnused() { box.giveBack(tenant, count, at: now) }
        for calls in share.takeUnreported(at: now) { box.spend(calls.tenant, calls.count, at: now) }
        return Effects(
            events: [.fallbackEnded(granted: share.granted, after: .microseconds(now - share.begun))],
            wakes: schedule(now, at: now))
    }
}
