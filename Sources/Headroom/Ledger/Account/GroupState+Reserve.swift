// SPDX-License-Identifier: Apache-2.0

extension GroupState {
    /// Grants of a want what every limit allows, all or nothing for each call.
    mutating func reserve(_ want: Want, for instance: inout InstanceState, _ place: inout PlaceInOrder) -> Grant {
        let budgets = budgets(of: want.tenant)
        let demand = demand + (instance.isWanting ? 0 : instance.weight)
        let slots = Slots(budgets, at: now)
        let allowance = Allowance(
            budgets, want: want, floor: settings.floors(want.priority), holdUntil: holdUntil, weight: instance.weight,
            demand: demand, at: now)
        var (count, shortage) = (allowance.count, allowance.shortage)
        if let slots, count > 0 {
            let taken = take(slots, upTo: count, of: want, demand: demand, for: &instance, &place)
            (count, shortage) = (taken.count, taken.shortage ?? shortage)
        }
        place.pooled += count
        guard count > 0 else { return Grant(count: 0, shortage: shortage) }
        let (now, marks) = (now, marks(of: budgets))
        withBudgets(of: want.tenant) { budget in
            budget.outstanding += count
            budget.grantedAt = now
            guard let slots else { return }
            for index in budget.limits.indices where budget.limits[index].kind == .paced {
                (budget.limits[index].next, budget.limits[index].nextNanos) = slots.after(count)
            }
        }
        instance.held[want.tenant, default: 0] += count
        return Grant(
            count: Int(count), slot: (slots?.first ?? now) - now, spacing: slots?.spacing ?? 0, marks: marks,
            shortage: count < want.count ? shortage : nil)
    }

    /// The budgets that a call draws on, as they stand.
    private mutating func budgets(of tenant: Tenant?) -> [(scope: BudgetScope, state: BudgetState)] {
        guard let tenant else { return [(.product, product)] }
        let now = now
        let state = withTenant(tenant) { budget in
            budget.settleDrift(at: now)
            return budget
        }
        return [(.product, product), (.tenant(tenant), state)]
    }

    /// How many of the next slots an instance gets: its share of those within the horizon, when it is its turn. Who gets
    /// less than it wants is told its next turn, once an exchange. Nobody queues who is alone.
    private mutating func take(
        _ slots: Slots, upTo allowed: Int64, of want: Want, demand: Int64, for instance: inout InstanceState,
        _ place: inout PlaceInOrder
    ) -> (count: Int64, shortage: Shortage?) {
        // Never more than there are: a place in the order takes as many slots as its share.
        let share = min(slots.inHorizon, max(instance.weight, slots.inHorizon * instance.weight / demand))
        let isAlone = demand == instance.weight
        // Where the next slot is free now, nobody came for his place.
        let isDue =
            want.priority == .interactive || isAlone || turn <= slots.first || slots.first <= now
            || (instance.ticket != 0 && instance.ticket <= now + Rules.horizon)
        let count = isDue ? min(allowed, slots.free, max(0, share - place.pooled)) : 0
        if isAlone || count == want.count {
            instance.ticket = 0
        } else if !place.hasTurn, count > 0 || instance.ticket == 0 {
            place.hasTurn = true
            turn = max(turn, slots.first) + slots.spacing * max(1, share) / 1000
            instance.ticket = turn
        }
        guard count < allowed else { return (count, nil) }
        var turnIn = max(instance.ticket, slots.first + slots.spacing * count / 1000) - now - Rules.horizon
        if isDue, count < slots.free { turnIn = max(turnIn, slots.spacing / 1000) }
        return (
            count,
            Shortage(
                cause: .limit(LimitReference(slots.scope, slots.name)), retryIn: max(Rules.retryMinimum, turnIn),
                availableIn: max(0, slots.first - now))
        )
    }

    private func marks(of budgets: [(scope: BudgetScope, state: BudgetState)]) -> [Mark] {
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

    private func gauges(of budget: BudgetState, _ scope: BudgetScope) -> [LimitGauge] {
        budget.limits.map { limit in
            LimitGauge(
                limit: LimitReference(scope, limit.name), capacity: limit.capacity,
                count: limit.kind == .paced ? 0 : limit.spent + budget.outstanding,
                drift: limit.effectiveDrift(at: now),
                cushion: limit.kind == .paced ? limit.cushion : limit.cushionCalls,
                heldFor: max(0, limit.heldUntil - now), resetsIn: limit.kind == .day ? limit.resetsAt - now : 0)
        }
    }
}

/// What an exchange has taken of the order of slots so far.
struct PlaceInOrder {
    /// Permits that the instance holds and has not handed out.
    var pooled: Int64
    /// Whether it was told its next turn.
    var hasTurn = false
}
