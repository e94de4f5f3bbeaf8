// SPDX-License-Identifier: Apache-2.0

extension GroupState {
    /// Grants of a want what every limit allows, all or nothing for each call.
    mutating func reserve(_ want: Want, pooled: Int64, for instance: inout InstanceState) -> Grant {
        let tenant = want.tenant.map { tenant in (tenant, withTenant(tenant) { $0 }) }
        var budgets: [(scope: BudgetScope, state: BudgetState)] = [(.product, product)]
        if let tenant { budgets.append((.tenant(tenant.0), tenant.1)) }
        let demand = demand + (instance.isWanting ? 0 : instance.weight)
        let slots = Slots(budgets.map(\.state), at: now)
        let allowance = Allowance(
            budgets, want: want, floor: settings.floors(want.priority), holdUntil: holdUntil, weight: instance.weight,
            demand: demand, at: now)
        var shortage = allowance.shortage
        var count = allowance.count
        if let slots, count > 0 {
            let share = max(instance.weight, slots.inHorizon * instance.weight / demand)
            let isDue =
                want.priority == .interactive || turn <= slots.first
                || (instance.ticket != 0 && instance.ticket <= now + Rules.horizon)
            count = isDue ? min(count, slots.free, max(0, share - pooled)) : 0
            if count == want.count {
                instance.ticket = 0
            } else if count > 0 || instance.ticket == 0 {
                turn = max(turn, slots.first) + slots.spacing * max(1, share) / 1000
                instance.ticket = turn
            }
            if count < allowance.count {
                let isShared = isDue && count < slots.free
                let turnIn = max(instance.ticket, slots.first + slots.spacing * count / 1000) - now - Rules.horizon
                shortage = Shortage(
                    cause: .limit(LimitReference(slots.scope == 0 ? .product : budgets[slots.scope].scope, slots.name)),
                    retryIn: max(Rules.retryMinimum, isShared ? max(turnIn, slots.spacing / 1000) : turnIn),
                    availableIn: max(0, slots.first - now))
            }
        }
        let marks = marks(of: budgets)
        guard count > 0 else { return Grant(count: 0, shortage: shortage) }
        withBudgets(of: want.tenant) { budget in
            budget.outstanding += count
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
