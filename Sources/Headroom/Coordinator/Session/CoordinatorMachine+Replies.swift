// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

extension CoordinatorMachine {
    mutating func joined(_ reply: JoinReply, at now: Microseconds) -> Effects {
        let known = membership.epoch
        let isOlder = known == reply.epoch && membership.noticeOlderCopy(reply, at: now)
        let lostMemory = known != 0 && reply.epoch != known || isOlder
        // Their marks are counts of the other account.
        if lostMemory { box.removeReadings() }
        membership.epoch = reply.epoch
        // What it has forgotten is told by another join.
        membership.isJoined = !isOlder
        membership.sequence = 0
        membership.aliveUntil = membership.sentAt.after(reply.aliveFor)
        // What it held then is told already.
        membership.wasSilent = false
        if fallback == nil { advice.removeAll() }
        var effects = answered()
        if known != 0, fallback == nil || lostMemory { effects.events.append(.rejoined(lostMemory: lostMemory)) }
        effects.add(told(at: now))
        return effects
    }

    mutating func exchanged(_ reply: ExchangeReply, _ request: ExchangeRequest, at now: Microseconds) -> Effects {
        switch reply {
        case .unknownInstance:
            var effects = answered()
            effects.add(mustRejoin(request, at: now))
            return effects
        case .done(let exchange):
            counted.roundTrips += 1
            membership.sequence = request.sequence
            membership.aliveUntil = max(membership.aliveUntil, membership.sentAt.after(exchange.aliveFor))
            membership.members = exchange.members
            membership.done = (membership.calledAt, now)
            var effects = answered()
            if request.isLast { phase = .ended }
            guard fallback == nil else {
                // What it grants now is void: the ledger hears so when the instance joins.
                ledgerAnswered(at: now)
                return effects
            }
            for (want, grant) in zip(request.wants, exchange.grants) { take(grant, of: want, at: now) }
            for tenant in Set(request.wants.map(\.tenant)) { effects.add(serve(tenant, at: now)) }
            return effects
        }
    }

    private mutating func answered() -> Effects {
        membership.call = nil
        membership.backoff.succeed()
        guard membership.failure != nil else { return Effects() }
        membership.failure = nil
        return Effects(events: [.ledgerAvailable])
    }

    /// The ledger does not know the instance any more: nothing that it granted is good.
    private mutating func mustRejoin(_ request: ExchangeRequest, at now: Microseconds) -> Effects {
        membership.wasSilent = membership.sentAt >= membership.aliveUntil
        membership.isJoined = false
        // Joined in vain, for not even one exchange: not again at once.
        if membership.sequence == 0 { membership.retryAt = now + Backoff.longest }
        membership.aliveUntil = .min
        box.putBack(request, at: now)
        guard fallback == nil else { return Effects() }
        voidPermits()
        return Effects()
    }

    /// Whoever has granted the permits that nobody has in hand, they are good no more.
    mutating func voidPermits() {
        membership.generation += 1
        _ = pool.removeAll(before: .max)
        _ = scheduled.removeAll()
        slotsAhead = FIFO()
    }

    /// Takes in what else an exchange has brought. Separate, for whoever was granted a permit need not wait for it.
    mutating func note(_ exchange: Exchange, of request: ExchangeRequest, at now: Microseconds) -> Effects {
        var effects = Effects()
        remember(request.settlements, at: now)
        effects.events += watch.take(exchange.gauges, at: now)
        for gauge in exchange.gauges where gauge.limit.scope == .product && gauge.resetsIn > 0 {
            history.dayEnds(at: now.after(gauge.resetsIn))
        }
        var hold: Microseconds?
        for (want, grant) in zip(request.wants, exchange.grants) {
            if grant.shortage?.cause == .hold { hold = grant.shortage?.availableIn }
            guard fallback == nil else { continue }
            advise(Lane(tenant: want.tenant, priority: want.priority), grant, at: now, &effects)
        }
        guard fallback == nil else { return effects }
        if !request.wants.isEmpty { effects.events += watch.hold(for: hold, at: now) }
        return effects
    }

    mutating func take(_ grant: Grant, of want: Want, at now: Microseconds) {
        guard grant.count > 0 else { return }
        if fallback == nil {
            counted.granted += Int64(grant.count)
        } else {
            counted.grantedInFallback += Int64(grant.count)
        }
        let lane = Lane(tenant: want.tenant, priority: want.priority)
        let batch = GrantBatch(
            lane: lane, generation: membership.generation, epoch: epoch, marks: grant.marks)
        pool.add(PermitRun(batch, count: grant.count, slot: now.after(grant.slot), spacing: grant.spacing))
    }

    /// Notes why a lane got less than it wanted; whoever cannot be served in time learns so at once.
    mutating func advise(_ lane: Lane, _ grant: Grant, at now: Microseconds, _ effects: inout Effects) {
        let window: Limit.Window? =
            if case .limit(let limit)? = grant.shortage?.cause { rules.planned(limit) } else { nil }
        advice.take(
            grant.shortage, for: lane, of: window, slotAhead: slotsAhead.first,
            heartbeat: settings.timeToLive.microseconds / 4, at: now)
        guard let advice = advice[lane], advice.availableAt > now, waiting.count(of: lane) > 0 else { return }
        for waiter in waiting.removeAll(of: lane, before: advice.availableAt) {
            effects.outcomes.append((waiter.ticket, .failure(fail(error(of: advice, at: now)))))
        }
    }
}
