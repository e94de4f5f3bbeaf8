// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

// Work without the ledger.
//
// An instance gives the ledger up when a request has had no answer for longer than the configured patience. From then
// on callers are served from a ``SafeShare`` under the same lock, while the exchange loop goes on asking the ledger.
// The ledger's first answer begins the way back: the instance reports what it spends, again and again, and keeps to its
// share until all others can have reported as well. Only then is the ledger trusted with everybody's calls.
//
// ```
// pending request      patience ends        first answer            4 s later, reported once more
// ───────┼──────────────────┼────────────────────┼──── report ── report ──┼──────────────
//        ledger grants      safe share grants                             ledger grants
// ```
extension CoordinatorMachine {
    /// The time for which an instance keeps to its share after the ledger has answered again, in microseconds. All
    /// other instances find the ledger within that time, at their next attempt, and report what they spent: an attempt
    /// takes 2 s at most, and follows the one before after 1 s at most.
    static let returnDelay: Microseconds = 4_000_000
    /// The time from one report to the next on the way back, in microseconds: longer the more instances there are.
    private var reportInterval: Microseconds {
        min(max(200_000, min(membership.members, 1_000) * 10_000), 1_000_000, settings.timeToLive.microseconds / 10)
    }

    /// The time until which permits are valid. In fallback the ledger does not limit it.
    var permitsValidUntil: Microseconds { isInFallback ? .max : membership.aliveUntil }
    /// The epoch that permits are granted in now.
    var epoch: Int64 { safeShare?.epoch ?? membership.epoch }

    /// The time at which the ledger will have left a request unanswered for too long. `nil` if no request is pending,
    /// and if nothing would follow.
    var patienceEnds: Microseconds? {
        guard phase == .running, configuration.ledgerOutagePolicy != .wait, !isInFallback, membership.pending != nil,
            membership.backoff.defects == 0
        else { return nil }
        return membership.firstSentAt.after(configuration.ledgerPatience.microseconds)
    }

    /// Whether callers get an error because the ledger is out of reach.
    func failsCallers(at now: Microseconds) -> Bool {
        configuration.ledgerOutagePolicy == .fail && patienceEnds ?? .max <= now
    }

    /// Carries out the configured policy if the ledger has left a request unanswered for too long.
    mutating func applyOutagePolicy(at now: Microseconds) -> Actions {
        guard let end = patienceEnds, end <= now else { return Actions() }
        switch configuration.ledgerOutagePolicy {
        case .wait: return Actions()
        case .fail:
            let error = membership.failure
            return Actions(
                outcomes: waiting.removeAll().map { ($0.waiter, .failure(fail(.ledgerUnavailable(error)))) })
        case .share where membership.members == 0: return Actions()
        case .share: return beginFallback(sharing: min(membership.members, 1_000_000), at: now)
        case .unlimited: return beginFallback(sharing: nil, at: now)
        }
    }

    private mutating func beginFallback(sharing members: Int64?, at now: Microseconds) -> Actions {
        voidPermits()
        advice.removeAll()
        var unreported = outbox.settlements
        if case .exchange(let request)? = membership.pending { unreported += request.settlements }
        safeShare = SafeShare(
            SafeShareBuilder(
                instance: instance, epoch: -Int64(membership.generation), settings: settings, members: members,
                gauges: watch.aged(at: now), holdFor: max(now, watch.holdUntil) - now,
                permits: leases.permits(and: []),
                history: history, unreported: unreported, wallNow: now + wallOffset,
                random: SplitMix(seed: random.next())),
            at: now)
        var actions = Actions(events: [.fallbackStarted(instances: members)])
        actions.add(serveInFallback(at: now))
        return actions
    }

    /// Serves waiting callers from the safe share, and sets the timer to when the share will have more.
    mutating func serveInFallback(at now: Microseconds) -> Actions {
        var actions = Actions()
        guard isInFallback, phase == .running else { return actions }
        forgetPastSlots(at: now)
        for (tenant, count) in pool.removeAll(before: now - Self.idleMaximum) {
            safeShare?.outbox.giveBack(tenant, count, at: now)
        }
        let wants = waiting.lanes.filter { advice[$0]?.askAt ?? now <= now }.prefix(ExchangeRequest.maximumEntries)
            .map { Want(tenant: $0.tenant, priority: $0.priority, count: waiting.count(of: $0)) }
        let jitter = Int.random(in: 0...999, using: &random)
        if !wants.isEmpty || fallbackSettlesAt <= now,
            let exchange = safeShare?.exchange(wants, pooled: pool.count + scheduled.count, jitter: jitter, at: now)
        {
            for (want, grant) in zip(wants, exchange.grants) { take(grant, of: want, at: now) }
            for tenant in Set(wants.map(\.tenant)) { actions.add(serve(tenant, at: now)) }
            for (want, grant) in zip(wants, exchange.grants) {
                advise(Lane(tenant: want.tenant, priority: want.priority), grant, at: now, &actions)
            }
        }
        actions.wakes.formUnion(scheduleTimer(nextInFallback))
        return actions
    }

    /// The time at which the share can do something next: for a waiting lane, or to settle. `.max` if there is nothing.
    var nextInFallback: Microseconds {
        guard isInFallback, phase == .running else { return .max }
        return waiting.lanes.reduce(fallbackSettlesAt) { min($0, advice[$1]?.askAt ?? .max) }
    }

    /// The time at which the share's outbox is settled though nobody wants anything: as late as with the ledger.
    private var fallbackSettlesAt: Microseconds {
        guard let outbox = safeShare?.outbox, let since = outbox.since else { return .max }
        return outbox.isUrgent ? since : since.after(configuration.settleDelay.microseconds)
    }

    /// Counts how permits ended.
    ///
    /// - Parameter isOwn: whether the instance had granted them itself, so that the ledger does not know them.
    mutating func settleInFallback(
        _ tenant: Tenant?, spent: Int = 0, accepted: Int = 0, unused: Int = 0, isOwn: Bool, at now: Microseconds
    ) -> Actions {
        safeShare?.outbox.spend(tenant, spent, accepted: accepted, at: now)
        safeShare?.outbox.giveBack(tenant, unused, at: now)
        if isOwn {
            for _ in 0..<unused { safeShare?.giveBack(tenant) }
            remember([Settlement(tenant: tenant, spent: spent)], report: membership.nextSequence, at: now)
        } else {
            outbox.spend(tenant, spent, accepted: accepted, at: now)
            outbox.giveBack(tenant, unused, at: now)
        }
        return waiting.isEmpty ? Actions(wakes: scheduleTimer(nextInFallback)) : serveInFallback(at: now)
    }

    /// Whether the instance granted a permit itself, without the ledger.
    func isOwn(_ permit: Permit) -> Bool { isInFallback && permit.batch.generation == membership.generation }

    /// Whether leases that have lasted too long now were handed out since the ledger was given up.
    func isOwnExpired(at now: Microseconds) -> Bool {
        guard let safeShare else { return false }
        return now - configuration.leaseMaximum.microseconds >= safeShare.startedAt
    }

    /// The time of the next report. `.max` while a request is pending. `nil` if the ledger is trusted.
    var reportsAt: Microseconds? { safeShare.map { membership.pending == nil ? $0.reportsAt : .max } }

    /// Takes in that the ledger has answered an exchange that was sent before it was given up: reports begin.
    mutating func ledgerAnswered(at now: Microseconds) {
        membership.isJoined = false
        if safeShare?.endsAt == nil { safeShare?.endsAt = now + Self.returnDelay }
        safeShare?.reportsAt = now
    }

    /// Takes in that the ledger has got a report. If all others can have reported by now, fallback ends; else the next
    /// report is due after the interval.
    mutating func noteReported(at now: Microseconds) -> Actions {
        guard let share = safeShare else { return Actions() }
        let end = phase == .running ? share.endsAt ?? now + Self.returnDelay : now
        guard membership.firstSentAt >= end || phase != .running else {
            safeShare?.endsAt = end
            let next = min(now + reportInterval, end)
            safeShare?.reportsAt = next
            return Actions()
        }
        return endFallback(share, at: now)
    }

    private mutating func endFallback(_ share: SafeShare, at now: Microseconds) -> Actions {
        var share = share
        safeShare = nil
        voidPermits()
        advice.removeAll()
        // What ended while the last report was on its way: the report listed those permits as outstanding.
        for (tenant, count) in share.takeUnused() { outbox.giveBack(tenant, count, at: now) }
        for (tenant, count) in history.removeUnreported() { outbox.spend(tenant, count, at: now) }
        return Actions(
            events: [.fallbackEnded(granted: share.granted, after: .microseconds(now - share.startedAt))],
            wakes: schedule(now, at: now))
    }
}
