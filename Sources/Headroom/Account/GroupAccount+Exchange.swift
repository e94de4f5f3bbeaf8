// SPDX-License-Identifier: Apache-2.0

extension GroupAccount {
    /// Renews the instance, settles, takes in observations and 429s, and reserves: in this order.
    ///
    /// ```
    /// repeated? ── yes ─► the reply of the first time
    ///    │ no
    /// advance → renew → expireInstances → settle → observe → reject → reserveAll → reply
    /// ```
    package mutating func exchange(_ request: ExchangeRequest, at time: Int64) -> ExchangeReply {
        guard request.epoch == epoch, var instance = instances[request.instance] else { return .unknownInstance }
        if request.sequence == instance.sequence, let grants = instance.grants, grants.count == request.wants.count {
            return .done(repeated(grants, to: instance, request.wants, at: time))
        }
        guard request.sequence == instance.sequence + 1 else { return .unknownInstance }
        let before = now
        let now = advance(to: time)
        instance.renewed = now
        instances[request.instance] = instance
        expireInstances(since: before)

        for settlement in request.settlements { settle(settlement, of: &instance) }
        for observation in request.observations { observe(observation) }
        for rejection in request.rejections { reject(rejection, jitter: Int64(request.jitter)) }
        product.settleDrift(at: now)
        let grants = reserveAll(request.wants, pooled: Int64(request.pooled), for: &instance)
        let reply = Exchange(
            aliveFor: timeToLive, members: max(1, members), grants: grants,
            gauges: gauges(of: request.wants))
        (instance.sequence, instance.grants) = (request.sequence, grants)
        instance.repliedRevision = grants.isEmpty ? 0 : revision
        instances[request.instance] = instance
        if request.isLast { finish(request.instance) }
        return .done(reply)
    }

    /// What the same exchange granted before, less the time that has passed since, and the limits as they are.
    private func repeated(
        _ grants: [Grant], to instance: InstanceAccount, _ wants: [Want], at time: Int64
    ) -> Exchange {
        let passed = accountTime(at: time) - instance.renewed
        var grants = grants
        for index in grants.indices {
            grants[index].slot = max(0, grants[index].slot - passed)
            // Marks are kept without the names of the limits, which were others.
            if instance.repliedRevision != revision { grants[index].marks = [] }
        }
        return Exchange(
            aliveFor: max(0, timeToLive - passed), members: max(1, members), grants: grants, gauges: gauges(of: wants))
    }

    /// Takes in how permits ended: spent calls count from now for a window. Permits that the account does not have of
    /// the instance any more cannot be given back. A join names no more tenants than a request holds: permits of others
    /// are among those that name none.
    private mutating func settle(_ settlement: Settlement, of instance: inout InstanceAccount) {
        let (spent, unused) = (Int64(settlement.spent), Int64(settlement.unused))
        let permits = instance.permits[settlement.tenant] ?? 0
        let returned = min(permits, spent + unused)
        instance.permits[settlement.tenant] = permits > returned ? permits - returned : nil
        if returned < spent + unused, let unnamed = instance.permits[nil] {
            let rest = min(unnamed, spent + unused - returned)
            instance.permits[nil] = unnamed > rest ? unnamed - rest : nil
            product.giveBack(rest)
        }
        let (now, tolerance) = (now, tolerance)
        withBudgets(of: settlement.tenant) { budget in
            budget.giveBack(returned)
            budget.spend(spent)
            budget.accept(Int64(settlement.accepted), tolerance: tolerance, at: now)
            budget.settleDrift(at: now)
        }
    }

    private mutating func observe(_ observation: Observation) {
        let now = now
        switch observation.limit.scope {
        case .product: product.observe(observation, at: now)
        case .tenant(let tenant): withTenant(tenant) { $0.observe(observation, at: now) }
        }
    }

    private mutating func reject(_ rejection: RejectionReport, jitter: Int64) {
        let now = now
        switch rejection.limit.scope {
        case .product: product.reject(rejection, jitter: jitter, at: now)
        case .tenant(let tenant): withTenant(tenant) { $0.reject(rejection, jitter: jitter, at: now) }
        }
    }

    private mutating func reserveAll(_ wants: [Want], pooled: Int64, for instance: inout InstanceAccount) -> [Grant] {
        var progress = ExchangeProgress(pooled: pooled)
        noteUrgent(-instance.urgent, of: &instance)
        let grants = wants.map { reserve($0, for: &instance, &progress) }
        noteWanting(grants.contains { $0.shortage != nil }, of: &instance)
        return grants
    }

    /// Keeps the sum of the calls that interactive callers wait for.
    mutating func noteUrgent(_ count: Int64, of instance: inout InstanceAccount) {
        instance.urgent += count
        urgent += count
    }

    /// Keeps the sum of the weights of the instances that were not granted all that they wanted.
    private mutating func noteWanting(_ isWanting: Bool, of instance: inout InstanceAccount) {
        guard instance.isWanting != isWanting else { return }
        instance.isWanting = isWanting
        demand += isWanting ? instance.weight : -instance.weight
    }

    /// The limits of the product and of the tenants wanted.
    private func gauges(of wants: [Want]) -> [LimitGauge] {
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
                pausedFor: .microseconds(max(0, limit.pausedUntil - now)),
                resetsIn: .microseconds(limit.kind == .day ? max(0, limit.resetsAt - now) : 0))
        }
    }
}
