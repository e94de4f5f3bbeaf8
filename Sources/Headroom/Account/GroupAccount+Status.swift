// SPDX-License-Identifier: Apache-2.0

extension GroupAccount {
    /// The state of the product's budget, of all instances, and of the tenants asked for. Looking at a tenant that has
    /// no budget does not make one.
    package mutating func status(tenants asked: [Tenant], at time: Int64) -> LedgerStatus {
        let before = now
        let now = advance(to: time)
        expireInstances(since: before)
        var budgets = [product.status(.product, at: now)]
        for tenant in asked {
            guard let known = tenants[tenant], now - known.touched <= tenantIdle else { continue }
            budgets.append(withTenant(tenant) { $0.status(.tenant(tenant), at: now) })
        }
        let instances = instances.sorted { $0.key < $1.key }.map { id, instance in
            LedgerStatus.InstanceStatus(
                id: id, weight: instance.weight, permits: instance.permits.values.reduce(0, +),
                sinceRenewal: .microseconds(now - instance.renewed), isWanting: instance.isWanting)
        }
        return LedgerStatus(
            epoch: epoch, now: now, holdFor: .microseconds(max(0, holdUntil - now)), demand: demand,
            instances: instances,
            budgets: budgets)
    }
}

extension BudgetAccount {
    func status(_ scope: BudgetScope, at now: Int64) -> LedgerStatus.BudgetStatus {
        LedgerStatus.BudgetStatus(
            scope: scope, outstanding: outstanding, isLearning: !isLearned, limits: limits.map { $0.status(at: now) })
    }
}

extension LimitAccount {
    func status(at now: Int64) -> LedgerStatus.LimitStatus {
        LedgerStatus.LimitStatus(
            name: name, window: windowStatus, configured: configured, capacity: capacity, spent: spent,
            drift: effectiveDrift(at: now), cushion: cushion, pausedFor: .microseconds(max(0, pausedUntil - now)),
            pauses: pauses, resetsIn: .microseconds(kind == .day ? resetsAt - now : 0),
            slotIn: .microseconds(max(0, next - now)), candidate: candidate)
    }

    private var windowStatus: Limit.Window {
        switch kind {
        case .rolling: .rolling(.microseconds(window))
        case .day: .day
        case .paced: .paced(.microseconds(window))
        }
    }
}
