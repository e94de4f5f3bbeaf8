// SPDX-License-Identifier: Apache-2.0

extension GroupAccount {
    /// Takes an instance in: its settings, its permits, and what it spent, if the account does not know that.
    ///
    /// A join that is older than what the account has heard of the instance was late on its way, and changes nothing.
    ///
    /// - Parameter isNew: whether the account began with this join.
    package mutating func join(_ request: JoinRequest, isNew: Bool, at time: Int64) -> JoinReply {
        let heard = reportsHeard(of: request.instance) ?? 0
        if request.sequence < heard { return JoinReply(epoch: epoch, isNew: false, aliveFor: 0) }
        let plan = request.settings.plan
        if (plan.productLimits, plan.tenantLimits) != (settings.plan.productLimits, settings.plan.tenantLimits) {
            revision += 1
        }
        settings = request.settings
        let before = now
        let now = advance(to: time)
        product.configure(settings.plan.productLimits, at: now)
        expireInstances(since: before)
        catchUp(request, after: heard, isNew: isNew)
        if departed > 0, request.knownEpoch == epoch, instances[request.instance] == nil { departed -= 1 }
        noteSuspect(request)
        forget(request.instance)
        var instance = InstanceAccount(
            weight: Int64(request.weight), sequence: request.sequence,
            renewed: request.isInFallback ? now - suspectAfter : now)
        for entry in request.permits where entry.count > 0 { restorePermits(entry, of: &instance) }
        instances[request.instance] = instance
        members = Int64(instances.count)
        return JoinReply(
            epoch: epoch, isNew: isNew, aliveFor: instance.renewed + timeToLive - now,
            missed: request.knownEpoch == epoch ? max(0, request.sequence - 1 - heard) : 0)
    }

    /// Counts an instance that stays in fallback among the suspects at once, and one that comes back no more.
    private mutating func noteSuspect(_ request: JoinRequest) {
        let wasSuspect = instances[request.instance].map { $0.renewed + suspectAfter <= now } ?? false
        suspects = max(0, suspects + (request.isInFallback ? 1 : 0) - (wasSuspect ? 1 : 0))
    }

    /// Counts the calls of the instance's reports that the account has not heard of, though another account did, or
    /// this one before it was set back, or none: nothing that the account has heard counts again.
    private mutating func catchUp(_ request: JoinRequest, after heard: Int64, isNew: Bool) {
        guard request.knownEpoch != 0 else { return }
        spendCalls(request.history.prefix { $0.report > heard })
        // Other instances that knew the lost account will report as well, each with its next exchange.
        if isNew { product.learnsAt = now + timeToLive / 4 + Rules.horizon }
    }

    /// Counts calls at the times when they were spent.
    private mutating func spendCalls(_ calls: ArraySlice<SpentCalls>) {
        for spent in calls {
            let time = now - spent.age
            withBudgets(of: spent.tenant) { budget in
                for index in budget.limits.indices { budget.limits[index].spend(Int64(spent.count), at: time) }
            }
        }
    }

    /// Forgets the older record of an instance that joins again: the instance itself says which permits it has.
    private mutating func forget(_ id: InstanceID) {
        guard let older = removeInstance(id) else { return }
        for (tenant, count) in older.permits where count > 0 {
            withBudgets(of: tenant) { $0.giveBack(count) }
        }
    }

    /// Makes permits outstanding again that are in callers' hands.
    private mutating func restorePermits(_ entry: TenantPermits, of instance: inout InstanceAccount) {
        instance.permits[entry.tenant, default: 0] += Int64(entry.count)
        withBudgets(of: entry.tenant) { $0.outstanding += Int64(entry.count) }
    }
}
