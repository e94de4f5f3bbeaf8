// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

// What the ledger's answers change.
extension CoordinatorMachine {
    /// The number of failures in a row that no repetition heals after which callers that wait get an error.
    static let defectsMaximum = 3

    mutating func joined(_ reply: JoinReply, _ request: JoinRequest, at now: Microseconds) -> Actions {
        let known = membership.epoch
        let lostMemory = known != 0 && reply.epoch != known
        // Reports that were never answered are not missed.
        let missed = reply.missed - (request.sequence - 1 - membership.answered)
        let isOlder = !lostMemory && missed > 0
        // Marks in the outbox are counts of the account that was lost.
        if lostMemory || isOlder { outbox.removeReadings() }
        membership.epoch = reply.epoch
        membership.isJoined = true
        noteAnswer(to: request.sequence)
        membership.joinSequence = request.sequence
        membership.aliveUntil = membership.sentAt.after(reply.aliveFor)
        // The join has reported the instance's permits.
        membership.hadExpired = false
        if !isInFallback { advice.removeAll() }
        var actions = answered()
        if isOlder {
            actions.events.append(.ledgerSetBack(reports: missed))
        } else if known != 0, lostMemory || !isInFallback && !membership.owesJoin {
            actions.events.append(.rejoined(lostMemory: lostMemory))
        }
        membership.owesJoin = false
        actions.add(noteReported(at: now))
        return actions
    }

    private mutating func noteAnswer(to sequence: Int64) {
        (membership.sequence, membership.answered, history.answered) = (sequence, sequence, sequence)
    }

    mutating func exchanged(_ reply: ExchangeReply, _ request: ExchangeRequest, at now: Microseconds) -> Actions {
        switch reply {
        case .unknownInstance:
            var actions = answered()
            actions.add(mustRejoin(request, at: now))
            return actions
        case .done(let exchange):
            counters.roundTrips += 1
            noteAnswer(to: request.sequence)
            membership.aliveUntil = max(membership.aliveUntil, membership.sentAt.after(exchange.aliveFor))
            membership.members = exchange.members
            var actions = answered()
            if request.isLast { phase = .ended }
            guard !isInFallback else {
                // The grants of this exchange are void; the next join says so to the ledger.
                ledgerAnswered(at: now)
                return actions
            }
            for (want, grant) in zip(request.wants, exchange.grants) { take(grant, of: want, at: now) }
            for tenant in Set(request.wants.map(\.tenant)) { actions.add(serve(tenant, at: now)) }
            return actions
        }
    }

    private mutating func answered() -> Actions {
        membership.pending = nil
        membership.backoff.succeed()
        guard membership.failure != nil else { return Actions() }
        membership.failure = nil
        return Actions(events: [.ledgerAvailable])
    }

    /// Prepares a join after the ledger did not know the instance any more: all its permits are void.
    private mutating func mustRejoin(_ request: ExchangeRequest, at now: Microseconds) -> Actions {
        membership.hadExpired = membership.sentAt >= membership.aliveUntil
        membership.isJoined = false
        // Joins are spread: a whole fleet may have found a ledger without memory. If not one exchange was answered
        // since the last join, the next join waits.
        let spread = min(max(0, membership.members - 1), 1_000) * 1_000
        let pause = membership.answered == membership.joinSequence ? membership.backoff.longest : 0
        membership.retryAt = now + pause + Int64.random(in: 0...max(spread, pause / 4), using: &random)
        membership.aliveUntil = .min
        // This ledger has not carried the exchange out; another copy of it may have, if an answer was lost. Its number
        // is used up, and decides for each copy whether these calls are still to be counted. A ledger that let the
        // instance expire has counted them: all its permits count as spent.
        remember(
            request.settlements, report: membership.hadExpired ? membership.answered : request.sequence, at: now)
        membership.sequence = request.sequence
        outbox.putBackReadings(of: request, at: now)
        guard !isInFallback else { return Actions() }
        voidPermits()
        return Actions()
    }

    /// Makes all permits void that no caller has in hand, whoever granted them.
    mutating func voidPermits() {
        membership.generation += 1
        _ = pool.removeAll(before: .max)
        _ = scheduled.removeAll()
        slotsAhead = FIFO()
    }

    /// Takes in the rest of an exchange: gauges, advice, an operator's hold. Apart from
    /// ``exchanged(_:_:at:)``, so that a caller that was granted a permit does not wait for it.
    mutating func note(_ exchange: Exchange, of request: ExchangeRequest, at now: Microseconds) -> Actions {
        var actions = Actions()
        remember(request.settlements, report: request.sequence, at: now)
        actions.events += watch.take(exchange.gauges, at: now)
        for gauge in exchange.gauges where gauge.limit.scope == .product && gauge.resetsIn > .zero {
            history.setDayEnd(now.after(gauge.resetsIn.microseconds))
        }
        var hold: Microseconds?
        for (want, grant) in zip(request.wants, exchange.grants) {
            if grant.shortage?.cause == .hold { hold = grant.shortage?.availableIn }
            guard !isInFallback else { continue }
            advise(Lane(tenant: want.tenant, priority: want.priority), grant, at: now, &actions)
        }
        guard !isInFallback else { return actions }
        if !request.wants.isEmpty { actions.events += watch.noteHold(for: hold, at: now) }
        return actions
    }

    /// Puts the permits of a grant into the pool.
    mutating func take(_ grant: Grant, of want: Want, at now: Microseconds) {
        guard grant.count > 0 else { return }
        if !isInFallback {
            counters.granted += Int64(grant.count)
        } else {
            counters.grantedInFallback += Int64(grant.count)
        }
        let lane = Lane(tenant: want.tenant, priority: want.priority)
        let batch = GrantBatch(
            lane: lane, generation: membership.generation, epoch: epoch, marks: grant.marks)
        pool.add(PermitRun(batch, count: grant.count, slot: now.after(grant.slot), spacing: grant.spacing))
    }

    /// Records why a lane got less than it wanted. Callers that cannot be served in time get their error at once.
    mutating func advise(_ lane: Lane, _ grant: Grant, at now: Microseconds, _ actions: inout Actions) {
        let window: Limit.Window? =
            if case .limit(let limit)? = grant.shortage?.cause { rules.planned(limit) } else { nil }
        advice.take(
            grant.shortage, for: lane, of: window, slotAhead: slotsAhead.first,
            heartbeat: settings.timeToLive.microseconds / 4, at: now)
        guard let advice = advice[lane], advice.availableAt > now, waiting.count(of: lane) > 0 else { return }
        for entry in waiting.removeAll(of: lane, before: advice.availableAt) {
            actions.outcomes.append((entry.waiter, .failure(fail(error(of: advice, at: now)))))
        }
    }

    /// Takes in that a request got no answer, or an error: the same request is repeated after a while.
    mutating func failed(_ error: LedgerError, at now: Microseconds) -> Actions {
        var actions = Actions()
        let isDefect = error.code != .unavailable && error.code != .lost
        let wait = membership.backoff.next(isDefect: isDefect, jitter: Int.random(in: 0...999, using: &random))
        membership.retryAt = now + (isLeaving ? min(wait, 100_000) : wait)
        if membership.failure == nil { actions.events.append(.ledgerUnavailable(message: error.description)) }
        membership.failure = error
        safeShare?.endsAt = nil
        actions.wakes = patienceEnds.map { scheduleTimer($0) } ?? []
        actions.add(applyOutagePolicy(at: now))
        if error.code == .invalidRequest { dropReadings() }
        if !isInFallback, membership.backoff.defects >= Self.defectsMaximum {
            for entry in waiting.removeAll() {
                let error = fail(.ledgerUnavailable(error))
                actions.outcomes.append((entry.waiter, .failure(error)))
            }
        }
        return actions
    }

    private var isLeaving: Bool { if case .leaving = phase { true } else { false } }

    /// Drops what came from responses from the pending request, which the ledger found invalid. The ledger has carried
    /// out no part of it. A join is made anew.
    private mutating func dropReadings() {
        guard case .exchange(var request) = membership.pending else {
            membership.sequence = membership.pending?.sequence ?? membership.sequence
            membership.pending = nil
            return
        }
        (request.observations, request.rejections) = ([], [])
        membership.pending = .exchange(request)
    }
}
