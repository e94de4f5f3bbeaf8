// SPDX-License-Identifier: Apache-2.0

extension GroupAccount {
    /// Settles, renews, takes in observations and 429s, and reserves: in this order.
    package mutating func exchange(_ request: ExchangeRequest, at time: Int64) -> ExchangeReply {
        guard request.epoch == epoch, var instance = instances[request.instance] else { return .unknownInstance }
        if request.sequence == instance.sequence, let reply = instance.reply {
            return .done(repeated(reply, of: instance, at: time))
        }
        guard request.sequence == instance.sequence + 1 else { return .unknownInstance }
        let now = advance(to: time)
        if now - instance.renewed >= min(Rules.renewal, timeToLive / 4) { instance.renewed = now }
        instances[request.instance] = instance
        expireInstances()

        for settlement in request.settlements { settle(settlement, of: &instance) }
        for observation in request.observations { observe(observation) }
        for rejection in request.rejections { reject(rejection, jitter: Int64(request.jitter)) }
        product.settleDrift(at: now)
        let grants = reserve(request.wants, pooled: Int64(request.pooled), for: &instance)
        let reply = Exchange(
            aliveFor: instance.renewed + timeToLive - now, members: max(1, members), grants: grants,
            gauges: gauges(of: request.wants))
        (instance.sequence, instance.reply, instance.repliedAt) = (request.sequence, reply, now)
        instances[request.instance] = instance
        if request.isLast { end(request.instance) }
        return .done(reply)
    }

    private mutating func reserve(_ wants: [Want], pooled: Int64, for instance: inout InstanceAccount) -> [Grant] {
        var progress = ExchangeProgress(pooled: pooled)
        note(urgent: -instance.urgent, of: &instance)
        let grants = wants.map { reserve($0, for: &instance, &progress) }
        note(isWanting: grants.contains { $0.shortage != nil }, of: &instance)
        return grants
    }

    /// Keeps the sum of what interactive callers wait for.
    mutating func note(urgent count: Int64, of instance: inout InstanceAccount) {
        instance.urgent += count
        urgent += count
    }

    /// Keeps the sum of the weights of those who were not granted all that they wanted.
    private mutating func note(isWanting: Bool, of instance: inout InstanceAccount) {
        guard instance.isWanting != isWanting else { return }
        instance.isWanting = isWanting
        demand += isWanting ? instance.weight : -instance.weight
    }

    /// What the same exchange returned before, with the time passed since taken off.
    private func repeated(_ reply: Exchange, of instance: InstanceAccount, at time: Int64) -> Exchange {
        let passed = reckoned(at: time) - instance.repliedAt
        var reply = reply
        reply.aliveFor = max(0, reply.aliveFor - passed)
        for index in reply.grants.indices { reply.grants[index].slot = max(0, reply.grants[index].slot - passed) }
        return reply
    }

    /// Spent calls count from now for a window. What the instance did not hold any more cannot be given back.
    private mutating func settle(_ settlement: Settlement, of instance: inout InstanceAccount) {
        let (spent, unused) = (Int64(settlement.spent), Int64(settlement.unused))
        let held = instance.permits[settlement.tenant] ?? 0
        let returned = min(held, spent + unused)
        instance.permits[settlement.tenant] = held > returned ? held - returned : nil
        let tolerance = tolerance
        let now = now
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
}
