// SPDX-License-Identifier: Apache-2.0

/// Reserving: how one want becomes a grant.
///
/// A want passes four stages, each of which knows the results of those before it and can only lower what is granted:
///
/// ```
/// want ─► entitlement ─────► allowance ────────► slots ────────────► turn ─────────────────► grant
///         who else wants     what windows, days, how many of the     takes it in its turn,   permits are
///         something? is it   pauses and holds    next slots are      queues for the rest     outstanding,
///         its turn?          have left for it    free and its share                          slots are taken
/// ```
///
/// A call draws on the product's budget and on its tenant's: every stage looks at all limits of both. The turn comes
/// last because only what is really taken moves an instance back in the queue.
extension GroupAccount {
    /// Grants of a want what every limit allows, all or nothing for each call.
    mutating func reserve(
        _ want: Want, for instance: inout InstanceAccount, _ progress: inout ExchangeProgress
    ) -> Grant {
        var reservation = entitle(instance, want)
        allow(&reservation)
        restrictToSlots(&reservation, progress)
        takeTurn(&reservation, of: &instance, &progress)
        return grant(reservation, to: &instance)
    }

    /// Stage 1: how the instance stands to the others that want something, and what sets the pace.
    private mutating func entitle(_ instance: InstanceAccount, _ want: Want) -> Reservation {
        let budgets = budgets(of: want.tenant)
        let demand = demand + (instance.isWanting ? 0 : instance.weight)
        let slots = SlotSchedule(budgets, callers: (members + departed, max(1, members - suspects)), at: now)
        let pace = slots?.pace ?? product.windowPace
        if let pace { queue.pullForward(to: now + Rules.horizon, cycle: pace.cycle(demand: demand)) }
        let entitlement = Entitlement(
            instance, want.priority, demand: demand, urgent: urgent, queue: queue, slots: slots, pace: pace, at: now)
        return Reservation(want: want, budgets: budgets, slots: slots, pace: pace, entitlement: entitlement)
    }

    /// Stage 2: what the windows, days, pauses and holds allow.
    private func allow(_ reservation: inout Reservation) {
        let want = reservation.want
        let allowance = Allowance(
            reservation.budgets, want: want, floorPerMille: settings.floors(want.priority), holdUntil: holdUntil,
            reservation.entitlement, at: now)
        (reservation.granted, reservation.shortage) = (allowance.allowed, allowance.shortage)
        reservation.opensIn = allowance.opensIn
    }

    /// Stage 3: no more than the instance may have of the next slots.
    private func restrictToSlots(_ reservation: inout Reservation, _ progress: ExchangeProgress) {
        guard let slots = reservation.slots, reservation.granted > 0 else { return }
        let entitlement = reservation.entitlement
        let most = slots.slotCount(for: entitlement, pooled: progress.pooled, at: now)
        guard most < reservation.granted else { return }
        (reservation.granted, reservation.shortage) = (most, slots.slotShortage(after: most, entitlement, at: now))
    }

    /// Stage 4: what the instance takes counts in the queue, and the instance queues for what it does not get.
    private mutating func takeTurn(
        _ reservation: inout Reservation, of instance: inout InstanceAccount, _ progress: inout ExchangeProgress
    ) {
        progress.pooled += reservation.granted
        guard !reservation.entitlement.isInteractive else { return takeUrgently(reservation, of: &instance) }
        guard let pace = reservation.pace else { return }
        if progress.taken == 0 { progress.start = startOfTurn(reservation, of: instance) }
        progress.taken += reservation.granted
        if reservation.granted > 0 { queue.noteTurn(progress, for: &instance, reservation.entitlement, pace) }
        guard reservation.granted < reservation.want.count, mayQueue(reservation) else { return }
        let (openAt, missing) = (openAt(reservation, pace), Int64(reservation.want.count) - reservation.granted)
        let turn = queue.nextTurn(
            of: &instance, reservation.entitlement, wanting: missing, from: openAt, pace, &progress)
        let reach = reservation.slots == nil ? 0 : Rules.horizon
        reservation.shortage?.retryIn = max(Rules.retryMinimum, reservation.opensIn, turn - reach - now)
    }

    /// Interactive callers need no turn. What they take of a window, the turns of others wait for; of slots, the
    /// schedule itself moves on.
    private mutating func takeUrgently(_ reservation: Reservation, of instance: inout InstanceAccount) {
        noteUrgent(Int64(reservation.want.count) - reservation.granted, of: &instance)
        guard reservation.slots == nil, !reservation.entitlement.isUncontended, let pace = reservation.pace else {
            return
        }
        queue.delay += pace.span(of: reservation.granted)
    }

    /// When an instance's turn began: when it was due, though the instance may have come late or found others before
    /// it; if the instance has no turn, now.
    private func startOfTurn(_ reservation: Reservation, of instance: InstanceAccount) -> Int64 {
        let first = reservation.slots?.first ?? now
        guard reservation.entitlement.hasTurn else { return first }
        return max(queue.turnTime(of: instance.startTag), first - Rules.horizon)
    }

    /// Whether the instance queues for what it does not get: others want something as well, and what is short is the
    /// product's, and not for long.
    private func mayQueue(_ reservation: Reservation) -> Bool {
        guard !reservation.entitlement.isUncontended, reservation.opensIn <= Rules.queueingMaximum else {
            return false
        }
        switch reservation.shortage?.cause {
        case .limit(let limit): return limit.scope == .product
        case .learning: return !product.isLearned
        case .hold, nil: return false
        }
    }

    /// The earliest time at which what the instance does not get now can be had.
    private func openAt(_ reservation: Reservation, _ pace: Pace) -> Int64 {
        let opensAt = now + reservation.opensIn
        guard let slots = reservation.slots else { return opensAt }
        return max(opensAt, slots.first + pace.span(of: reservation.granted))
    }

    /// The grant: permits become outstanding, and their slots are taken.
    private mutating func grant(_ reservation: Reservation, to instance: inout InstanceAccount) -> Grant {
        let (granted, want, slots) = (reservation.granted, reservation.want, reservation.slots)
        guard granted > 0 else { return Grant(count: 0, shortage: reservation.shortage) }
        takePermits(granted, of: want.tenant, slots)
        instance.permits[want.tenant, default: 0] += granted
        return Grant(
            count: Int(granted), slot: (slots?.first ?? now) - now, spacing: slots?.pace.spacing ?? 0,
            marks: reservation.marks, shortage: granted < want.count ? reservation.shortage : nil)
    }

    private mutating func takePermits(_ count: Int64, of tenant: Tenant?, _ slots: SlotSchedule?) {
        let now = now
        withBudgets(of: tenant) { budget in
            budget.outstanding += count
            budget.grantedAt = now
            guard let slots else { return }
            for index in budget.limits.indices where budget.limits[index].kind == .paced {
                (budget.limits[index].next, budget.limits[index].nextNanos) = slots.slot(after: count)
            }
        }
    }

    /// The budgets that a call draws on, as they stand.
    private mutating func budgets(of tenant: Tenant?) -> [(scope: BudgetScope, state: BudgetAccount)] {
        guard let tenant else { return [(.product, product)] }
        let now = now
        let state = withTenant(tenant) { budget in
            budget.settleDrift(at: now)
            return budget
        }
        return [(.product, product), (.tenant(tenant), state)]
    }
}

/// One want on its way to a grant: what the stages have found out so far.
private struct Reservation {
    let want: Want
    /// The budgets that the want draws on, as they stood before it.
    let budgets: [(scope: BudgetScope, state: BudgetAccount)]
    /// The next free slots. `nil` if no limit is paced.
    let slots: SlotSchedule?
    /// What calls can follow each other by: slots, else the slowest window. `nil` if there are neither.
    let pace: Pace?
    let entitlement: Entitlement
    /// The number of permits that the stages so far leave.
    var granted: Int64 = 0
    /// What is short, if not all is granted.
    var shortage: Shortage?
    /// The time until anything can be had, in microseconds; 0 if something can be had now.
    var opensIn: Int64 = 0

    /// The own count of each limit before the grant.
    var marks: [Mark] {
        budgets.flatMap { budget in
            budget.state.limits.filter { $0.kind != .paced }.map { limit in
                Mark(limit: LimitReference(budget.scope, limit.name), count: limit.spent + budget.state.outstanding)
            }
        }
    }
}

/// What one exchange has done so far, over all that it wants.
struct ExchangeProgress {
    /// Permits in the instance's pool: not handed out yet.
    var pooled: Int64
    /// Permits that the instance got in its turn.
    var taken: Int64 = 0
    /// When the instance's turn began.
    var start: Int64 = 0
    /// Whether the instance has queued, or its turn was held up: that happens once an exchange.
    var hasQueued = false
}
