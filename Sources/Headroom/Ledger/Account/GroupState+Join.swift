// SPDX-License-Identifier: Apache-2.0

extension GroupState {
    /// Takes an instance in. `isNew` tells whether the account began with this join.
    package mutating func join(_ request: JoinRequest, isNew: Bool, at time: Int64) -> JoinReply {
        if settings.plan.tenantLimits != request.settings.plan.tenantLimits { revision += 1 }
        settings = request.settings
        let now = advance(to: time)
        product.configure(settings.plan.productLimits, at: now)
        reap()
        if request.knownEpoch != 0, request.knownEpoch != epoch, recalled.insert(request.instance).inserted {
            recall(request.history)
        }
        forget(request.instance)
        var instance = InstanceState(weight: Int64(request.weight), renewed: now)
        for held in request.held where held.count > 0 {
            instance.held[held.tenant, default: 0] += Int64(held.count)
            withBudgets(of: held.tenant) { $0.outstanding += Int64(held.count) }
        }
        instances[request.instance] = instance
        members = Int64(instances.count)
        return JoinReply(epoch: epoch, isNew: isNew, aliveFor: timeToLive)
    }

    /// Counts what the instance spent before the ledger lost its memory.
    private mutating func recall(_ history: [SpentCalls]) {
        for spent in history {
            let time = now - spent.age
            withBudgets(of: spent.tenant) { budget in
                for index in budget.limits.indices { budget.limits[index].spend(Int64(spent.count), at: time) }
            }
        }
    }

    /// An instance that joins again says itself what it holds: its older record is void.
    private mutating func forget(_ id: InstanceID) {
        guard let older = remove(id) else { return }
        for (tenant, count) in older.held where count > 0 {
            withBudgets(of: tenant) { $0.giveBack(count) }
        }
    }
}
