// SPDX-License-Identifier: Apache-2.0

extension GroupAccount {
    /// Grants of a want what every limit allows, all or nothing for each call.
    mutating func reserve(_ want: Want, for instance: inout InstanceAccount, _ progress: inout ExchangeProgress)
        -> Grant
    {
        let budgets = budgets(of: want.tenant)
        let demand = demand + (instance.isWanting ? 0 : instance.weight)
        let slots = SlotSchedule(budgets, crowd: (members + departed, max(1, members - suspects)), at: now)
        let pace = slots?.pace ?? product.pace
        if let pace { order.pullForward(to: now + Rules.horizon, cycle: pace.cycle(demand: demand)) }
        let entitlement = Entitlement(
            instance, want.priority, demand: demand, urgent: urgent, order: order, slots: slots, pace: pace, at: now)
        let allowance = Allowance(
            budgets, want: want, floor: settings.floors(want.priority), holdUntil: holdUntil, entitlement: entitlement,
            at: now)
        var (count, shortage) = (allowance.count, allowance.shortage)
        if let slots, count > 0 {
            let most = most(of: slots, entitlement, progress)
            if most < count { (count, shortage) = (most, slots.shortage(after: most, entitlement, at: now)) }
        }
        progress.pooled += count
        if entitlement.isInteractive {
            note(urgent: Int64(want.count) - count, of: &instance)
            // What it takes without a turn, the turns of others wait for.
            if slots == nil, !entitlement.isUncontended { order.delay += pace?.span(of: count) ?? 0 }
        } else if let pace {
            if progress.taken == 0 { progress.start = start(of: instance, entitlement, slots) }
            progress.taken += count
            if count > 0 { order.take(progress, for: &instance, entitlement, pace) }
            if count < want.count, !entitlement.isUncontended, isOrdered(shortage, allowance) {
                let opensAt = now + allowance.opensIn
                let openAt = slots.map { max(opensAt, $0.first + pace.span(of: count)) } ?? opensAt
                let turn = order.turn(
                    of: &instance, entitlement, wanting: Int64(want.count) - count, from: openAt, pace, &progress)
                shortage?.retryIn = max(
                    Rules.retryMinimum, allowance.opensIn, turn - (slots == nil ? 0 : Rules.horizon) - now)
            }
        }
        guard count > 0 else { return Grant(count: 0, shortage: shortage) }
        let marks = marks(of: budgets)
        take(count, of: want.tenant, slots)
        instance.permits[want.tenant, default: 0] += count
        return Grant(
            count: Int(count), slot: (slots?.first ?? now) - now, spacing: slots?.pace.spacing ?? 0, marks: marks,
            shortage: count < want.count ? shortage : nil)
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

    /// How many of the next slots an instance gets: its share of those within the horizon, when it is due. Where others
    /// were faster than their turns, whose turn it is gets one beyond the horizon: it need not ask again for it.
    private func most(of slots: SlotSchedule, _ entitlement: Entitlement, _ progress: ExchangeProgress) -> Int64 {
        guard entitlement.isDue else { return 0 }
        let mayReachOut = (entitlement.hasTurn || entitlement.isInteractive) && slots.first <= now + 2 * Rules.horizon
        return min(max(slots.free, mayReachOut ? 1 : 0), max(0, entitlement.share - progress.pooled))
    }

    /// Whether what is short is the product's, and not for long: then those who want it are served in order.
    private func isOrdered(_ shortage: Shortage?, _ allowance: Allowance) -> Bool {
        guard allowance.opensIn <= Rules.orderedMaximum else { return false }
        switch shortage?.cause {
        case .limit(let limit): return limit.scope == .product
        case .learning: return !product.isLearned
        case .hold, nil: return false
        }
    }

    /// When an instance's turn began: when it was due, though it may have come late or found others before it; without
    /// a turn now.
    private func start(of instance: InstanceAccount, _ entitlement: Entitlement, _ slots: SlotSchedule?) -> Int64 {
        let first = slots?.first ?? now
        return entitlement.hasTurn ? max(order.time(of: instance.ticket), first - Rules.horizon) : first
    }

    /// Permits become outstanding, and their slots are taken.
    private mutating func take(_ count: Int64, of tenant: Tenant?, _ slots: SlotSchedule?) {
        let now = now
        withBudgets(of: tenant) { budget in
            budget.outstanding += count
            budget.grantedAt = now
            guard let slots else { return }
            for index in budget.limits.indices where budget.limits[index].kind == .paced {
                (budget.limits[index].next, budget.limits[index].nextNanos) = slots.after(count)
            }
        }
    }

    private func marks(of budgets: [(scope: BudgetScope, state: BudgetAccount)]) -> [Mark] {
        budgets.flatMap { budget in
            budget.state.limits.filter { $0.kind != .paced }.map { limit in
                Mark(
                    limit: LimitReference(budget.scope, limit.name), count: limit.spent + budget.state.outstanding)
            }
        }
    }

    /// The limits of the product and of the tenants wanted.
    func gauges(of wants: [Want]) -> [LimitGauge] {
        var gauges = self.gauges(of: product, .product)
        var seen: Set<Tenant> = []
        for case let tenant? in wants.map(\.tenant) where seen.insert(tenant).inserted {
            if let budget = tenants[tenant] { gauges += self.gauges(of: budget, .tenant(tenant)) }
        }
        return gauges
    }

    private func gauges(of budget: BudgetAccount, _ scope: BudgetScope) -> [LimitGauge] {
        budget.limits.map { limit in
            LimitGauge(
                limit: LimitReference(scope, limit.name), capacity: limit.capacity,
                count: limit.kind == .paced ? 0 : limit.spent + budget.outstanding,
                drift: limit.effectiveDrift(at: now),
                cushion: limit.kind == .paced ? limit.cushion : limit.cushionCalls,
                pausedFor: max(0, limit.pausedUntil - now), resetsIn: limit.kind == .day ? limit.resetsAt - now : 0)
        }
    }
}

extension SlotSchedule {
    /// Why an instance gets no more than `count` slots, and when the next can be had.
    fileprivate func shortage(after count: Int64, _ entitlement: Entitlement, at now: Int64) -> Shortage {
        var retryIn = first + pace.span(of: count) - now - Rules.horizon
        // There are more, but it holds its share.
        if entitlement.isDue, count < free { retryIn = max(retryIn, pace.span(of: 1)) }
        return Shortage(
            cause: .limit(limit), retryIn: max(Rules.retryMinimum, retryIn), availableIn: max(0, first - now))
    }
}
