// SPDX-License-Identifier: Apache-2.0

extension GroupAccount {
    /// Takes an instance in. `isNew` tells whether the account began with this join.
    package mutating func join(_ request: JoinRequest, isNew: Bool, at time: Int64) -> JoinReply {
        if settings.plan.tenantLimits != request.settings.plan.tenantLimits { revision += 1 }
        settings = request.settings
        let now = advance(to: time)
        product.configure(settings.plan.productLimits, at: now)
        expireInstances()
        let told = backfills[request.instance]
        if request.knownEpoch != 0, request.knownEpoch != epoch, told == nil {
            backfill(request.history)
            backfills[request.instance] = request.backfillNumber
            // Others that knew the lost account will tell as well, each with its next exchange.
            if isNew { product.learnsAt = now + timeToLive / 4 + Rules.horizon }
        } else if request.backfillNumber > told ?? 0 {
            backfill(request.unreported)
            backfills[request.instance] = request.backfillNumber
        }
        if departed > 0, request.knownEpoch == epoch, instances[request.instance] == nil { departed -= 1 }
        forget(request.instance)
        var instance = InstanceAccount(
            weight: Int64(request.weight), renewed: request.isInFallback ? now - suspectAfter : now)
        for held in request.permits where held.count > 0 {
            instance.permits[held.tenant, default: 0] += Int64(held.count)
            withBudgets(of: held.tenant) { $0.outstanding += Int64(held.count) }
        }
        instances[request.instance] = instance
        countMembers()
        return JoinReply(
            epoch: epoch, isNew: isNew, aliveFor: instance.renewed + timeToLive - now,
            pausedFor: pausedAt > 0 ? now - pausedAt : 0,
            resumedFor: pausedAt > 0 ? now - resumedAt : 0)
    }

    /// Counts what the instance spent and the account does not know.
    private mutating func backfill(_ calls: [SpentCalls]) {
        for spent in calls {
            let time = now - spent.age
            withBudgets(of: spent.tenant) { budget in
                for index in budget.limits.indices { budget.limits[index].spend(Int64(spent.count), at: time) }
            }
        }
    }

    /// An instance that joins again says itself what it holds: its older record is void.
    private mutating func forget(_ id: InstanceID) {
        guard let older = remove(id) else { return }
        for (tenant, count) in older.permits where count > 0 {
            withBudgets(of: tenant) { $0.giveBack(count) }
        }
    }
}
