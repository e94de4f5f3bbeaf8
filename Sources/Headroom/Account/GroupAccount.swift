// SPDX-License-Identifier: Apache-2.0

/// The whole account of a budget group: a pure value. Operations take `now` and return what the ledger answers.
///
/// `account.lua` and one Lua file an operation do the same in Redis.
package struct GroupAccount: Sendable, Hashable {
    package var epoch: Int64
    /// The account's time: that of the clock, except that it never goes backwards.
    package var now: Int64
    /// What the clock said last. Behind `now`, where it was stepped back.
    package var clock: Int64
    /// An operator holds all grants until then; 0: no hold.
    package var holdUntil: Int64 = 0
    /// The sum of the weights of the instances that want permits.
    package var demand: Int64 = 0
    /// The order in which those are served who want more than there is.
    package var order = FairQueue()
    /// The sum of what interactive callers wait for.
    package var urgent: Int64 = 0
    /// How many instances were alive when silent ones were last looked for.
    package var members: Int64 = 0
    /// Of those, how many had missed a heartbeat: they may be working without the ledger.
    package var suspects: Int64 = 0
    /// How many fell silent for so long that they were forgotten, while calls of strangers show that they may still
    /// call.
    package var departed: Int64 = 0
    /// When the newest of them was forgotten.
    package var departedAt: Int64 = 0
    /// When to look for silent instances again.
    package var expiryDueAt: Int64 = 0
    package var settings: LedgerSettings
    /// How often the tenants' limits were configured anew.
    package var revision: Int64 = 0
    package var product: BudgetAccount
    package var tenants: [Tenant: BudgetAccount] = [:]
    package var instances: [InstanceID: InstanceAccount] = [:]
    /// Who told this account what it had spent before, and the number of the newest telling: none is counted twice.
    package var backfills: [InstanceID: Int64] = [:]
    /// When the newest pause began and ended, in which nobody asked anything; 0: there was none.
    package var pausedAt: Int64 = 0
    package var resumedAt: Int64 = 0

    package init(epoch: Int64, now: Int64, settings: LedgerSettings) {
        (self.epoch, self.now, clock, self.settings) = (epoch, now, now, settings)
        product = BudgetAccount([])
        product.isLearned = false
    }

    var timeToLive: Int64 { settings.timeToLive.microseconds }
    /// Who was not renewed for so long has missed a heartbeat.
    var suspectAfter: Int64 { settings.suspectAfter }
    var tolerance: Int64 { Int64(settings.tolerance) }

    /// Moves the account's time on, never back, and returns it.
    mutating func advance(to time: Int64) -> Int64 {
        let later = reckoned(at: time)
        notePause(until: later)
        (now, clock) = (later, time)
        product.advance(to: now)
        return now
    }

    /// What time it is for the account when the clock says `time`.
    ///
    /// Where the clock was stepped back, time goes on from where it is, at 15/16 of the clock's pace until the clock
    /// has caught up: nothing stands still, nothing ages faster than it does, and in the end both are the same again. A
    /// clock that is set right before that makes up for the sixteenth that was left out at once, as any step ahead
    /// does.
    func reckoned(at time: Int64) -> Int64 {
        guard time < now else { return time }
        let passed = max(0, time - clock)
        return now + passed - passed / Rules.catchUp
    }

    /// Of several pauses the longest is noted, for as long as an instance may be silent.
    private mutating func notePause(until time: Int64) {
        let pause = time - now
        guard pause >= Rules.pause, pause >= resumedAt - pausedAt || now - resumedAt >= timeToLive else { return }
        (pausedAt, resumedAt) = (now, time)
    }

    /// Applies a change to a tenant's budget; a budget idle for long, or never seen, begins anew.
    mutating func withTenant<Result>(_ tenant: Tenant, _ body: (inout BudgetAccount) -> Result) -> Result {
        var budget = tenants[tenant] ?? BudgetAccount(settings.plan.tenantLimits)
        if now - budget.touched > tenantIdle { budget = BudgetAccount(settings.plan.tenantLimits) }
        budget.advance(to: now)
        if budget.revision != revision {
            budget.configure(settings.plan.tenantLimits, at: now)
            budget.revision = revision
        }
        let result = body(&budget)
        tenants[tenant] = budget
        return result
    }

    /// Applies a change to every budget that a call draws on.
    mutating func withBudgets(of tenant: Tenant?, _ body: (inout BudgetAccount) -> Void) {
        body(&product)
        if let tenant { withTenant(tenant) { body(&$0) } }
    }

    /// How long a tenant's budget is kept unused: long enough that nothing in it counts any more.
    var tenantIdle: Int64 {
        settings.plan.tenantLimits.reduce(Rules.tenantIdle) { longest, limit in
            if case .rolling(let span) = limit.window { max(longest, 2 * span.microseconds) } else { longest }
        }
    }

    /// Counts what silent instances held as spent now, and forgets them.
    mutating func expireInstances() {
        guard now >= expiryDueAt else { return }
        expiryDueAt = now + Rules.expiryInterval
        let suspects = instances.filter { $0.value.renewed + timeToLive <= now }
            .sorted { ($0.value.renewed, $0.key) < ($1.value.renewed, $1.key) }
        for (id, _) in suspects.prefix(Rules.expiryMaximum) { end(id) }
        if suspects.count > Rules.expiryMaximum { expiryDueAt = now }
        countMembers()
        noteDeparted(Int64(min(suspects.count, Rules.expiryMaximum)))
        tenants = tenants.filter { now - $0.value.touched <= tenantIdle }
    }

    /// Takes in how many were forgotten. A vendor that counts strangers does not tell whether they are among them:
    /// never more than are here, and not for long after the newest.
    private mutating func noteDeparted(_ forgotten: Int64) {
        if forgotten > 0 { departedAt = now }
        let mayCall = product.hasStrangers(at: now) && now - departedAt < Rules.absence
        departed = mayCall ? min(departed + forgotten, members) : 0
    }

    /// Counts the instances alive, and those that have missed a heartbeat.
    mutating func countMembers() {
        members = Int64(instances.count)
        suspects = Int64(instances.count { $0.value.renewed + suspectAfter <= now })
    }

    /// Counts what an instance holds as spent now, and forgets it.
    mutating func end(_ id: InstanceID) {
        guard let instance = remove(id) else { return }
        for (tenant, count) in instance.permits where count > 0 {
            withBudgets(of: tenant) { budget in
                budget.giveBack(count)
                budget.spend(count)
            }
        }
    }

    /// Forgets an instance, and what it wanted.
    mutating func remove(_ id: InstanceID) -> InstanceAccount? {
        guard let instance = instances.removeValue(forKey: id) else { return nil }
        if instance.isWanting { demand -= instance.weight }
        urgent -= instance.urgent
        return instance
    }
}

extension LedgerSettings {
    /// An instance exchanges every quarter of its time to live; when it did so soon after another exchange that is not
    /// noted.
    var suspectAfter: Int64 {
        let quarter = timeToLive.microseconds / 4
        return quarter + min(Rules.renewal, quarter) + min(Rules.suspectAfter, quarter / 2)
    }
}
