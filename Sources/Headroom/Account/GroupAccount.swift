// SPDX-License-Identifier: Apache-2.0

/// The whole account of a budget group: a pure value whose operations take the time and return what the ledger answers.
///
/// In Redis, the Lua files of the same names do the same arithmetic in the same order.
package struct GroupAccount: Sendable, Hashable {
    package var epoch: Int64
    package var settings: LedgerSettings
    /// How often the plan's limits were configured anew.
    package var revision: Int64 = 0
    package var product: BudgetAccount
    package var tenants: [Tenant: BudgetAccount] = [:]
    /// The end of an operator's hold, before which nothing is granted; 0: no hold.
    package var holdUntil: Int64 = 0

    // MARK: Time

    /// The account's time: that of the clock, except that it never goes backwards.
    package var now: Int64
    /// What the clock said last: less than `now` after the clock was stepped back.
    package var clock: Int64

    // MARK: Instances

    package var instances: [InstanceID: InstanceAccount] = [:]
    /// Instances that expired, the newest last: which of their reports the account has heard, should they join again.
    package var expired: [ExpiredInstance] = []
    /// The number of instances alive, when expired ones were last looked for.
    package var members: Int64 = 0
    /// The number of members that had missed a heartbeat: they may be working without the ledger.
    package var suspects: Int64 = 0
    /// The number of instances that expired and may still call, as strangers' calls show.
    package var departed: Int64 = 0
    /// When the newest of the departed instances expired.
    package var departedAt: Int64 = 0
    /// Whether more instances had expired than one search ends.
    package var hasMoreExpired = false

    // MARK: Who wants what

    /// The sum of the weights of the instances that want permits.
    package var demand: Int64 = 0
    /// The order in which instances are served that want more than there is.
    package var queue = FairQueue()
    /// The sum of the calls that interactive callers wait for.
    package var urgent: Int64 = 0

    package init(epoch: Int64, now: Int64, settings: LedgerSettings) {
        (self.epoch, self.now, clock, self.settings) = (epoch, now, now, settings)
        product = BudgetAccount([])
        product.isLearned = false
    }

    var timeToLive: Int64 { settings.timeToLive.microseconds }
    var tolerance: Int64 { Int64(settings.tolerance) }
}

// Time.
extension GroupAccount {
    /// Moves the account's time on, never back, and returns it.
    mutating func advance(to time: Int64) -> Int64 {
        (now, clock) = (accountTime(at: time), time)
        product.advance(to: now)
        return now
    }

    /// The account's time when the clock says `time`.
    ///
    /// After the clock was stepped back, the account's time goes on from where it is, at 15/16 of the clock's pace
    /// until the clock has caught up: nothing stands still, nothing ages faster than it does, and in the end both are
    /// the same again. A clock that is set right before that makes up for the sixteenth that was left out at once, as
    /// any step ahead does.
    func accountTime(at time: Int64) -> Int64 {
        guard time < now else { return time }
        let passed = max(0, time - clock)
        return now + passed - passed / Rules.catchUp
    }
}

// Budgets.
extension GroupAccount {
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

    /// How long a tenant's budget is kept unused, in microseconds: long enough that nothing in it counts any more.
    var tenantIdle: Int64 {
        settings.plan.tenantLimits.reduce(Rules.tenantIdle) { longest, limit in
            if case .rolling(let span) = limit.window { max(longest, 2 * span.microseconds) } else { longest }
        }
    }
}

/// What the account knows of one instance.
package struct InstanceAccount: Sendable, Hashable {
    package var weight: Int64
    /// The number of the last report: a join or an exchange.
    package var sequence: Int64
    /// What the last exchange granted. `nil` if the last report was a join.
    package var grants: [Grant]?
    /// The group's ``GroupAccount/revision`` at the last exchange.
    package var repliedRevision: Int64 = 0
    /// When the instance was last renewed: at its last report, but for a join in fallback.
    package var renewed: Int64
    /// Whether the instance wanted more than it was granted in its last exchange.
    package var isWanting = false
    /// When the instance's next turn is, in the queue's own time (see ``FairQueue``); 0: it has none.
    package var startTag: Int64 = 0
    /// The number of calls that the instance's interactive callers wait for.
    package var urgent: Int64 = 0
    /// The instance's permits by tenant; `nil` stands for calls that name none.
    package var permits: [Tenant?: Int64] = [:]

    package init(weight: Int64, sequence: Int64, renewed: Int64) {
        self.weight = weight
        self.sequence = sequence
        self.renewed = renewed
    }
}

/// What is left of an instance that expired.
package struct ExpiredInstance: Sendable, Hashable {
    package let id: InstanceID
    /// The number of the last report that the account has heard.
    package let sequence: Int64

    package init(id: InstanceID, sequence: Int64) { (self.id, self.sequence) = (id, sequence) }
}

/// How instances end: an instance not renewed for its time to live has expired.
///
/// ```
/// renewed ─────────► suspect ────────────► expired ─────────────────────────► forgotten
///   0       missed a heartbeat (≈ 4 s)   time to live (10 s)   departed: as long as strangers call,
///                                        permits count as spent          at most 2 min
/// ```
extension GroupAccount {
    /// The age of a renewal from which an instance is suspect, in microseconds.
    var suspectAfter: Int64 { settings.suspectAfter }

    /// Ends expired instances, and counts those that are left: in the first operation of each second, and in the next
    /// one if there were more than one search ends.
    ///
    /// - Parameter before: the account's time before this operation.
    mutating func expireInstances(since before: Int64) {
        let isDue = before / Rules.expiryInterval != now / Rules.expiryInterval
        guard isDue || hasMoreExpired else { return }
        let ended = instances.filter { $0.value.renewed + timeToLive <= now }
            .sorted { ($0.value.renewed, $0.key) < ($1.value.renewed, $1.key) }
        for (id, instance) in ended.prefix(Rules.expiryMaximum) {
            finish(id)
            noteExpired(ExpiredInstance(id: id, sequence: instance.sequence))
        }
        hasMoreExpired = ended.count > Rules.expiryMaximum
        countMembers()
        noteDeparted(Int64(min(ended.count, Rules.expiryMaximum)))
        tenants = tenants.filter { now - $0.value.touched <= tenantIdle }
    }

    /// Keeps the number of an expired instance's last report. When there are too many, the oldest are dropped.
    private mutating func noteExpired(_ instance: ExpiredInstance) {
        if expired.count >= Rules.expiredMaximum { expired.removeFirst(Rules.expiredDropped) }
        expired.append(instance)
    }

    /// The number of the last report of an instance that the account has heard. `nil` if it does not know the instance.
    func reportsHeard(of id: InstanceID) -> Int64? {
        instances[id]?.sequence ?? expired.last { $0.id == id }?.sequence
    }

    /// Takes in how many instances expired. A vendor that counts strangers does not say whether expired instances are
    /// among them: never more count as departed than are here, and not for long after the newest.
    private mutating func noteDeparted(_ expired: Int64) {
        if expired > 0 { departedAt = now }
        let mayCall = product.hasStrangers(at: now) && now - departedAt < Rules.departedMaximum
        departed = mayCall ? min(departed + expired, members) : 0
    }

    /// Counts the instances alive, and those that have missed a heartbeat.
    mutating func countMembers() {
        members = Int64(instances.count)
        suspects = Int64(instances.count { $0.value.renewed + suspectAfter <= now })
    }

    /// Ends an instance: its permits count as spent now.
    mutating func finish(_ id: InstanceID) {
        guard let instance = removeInstance(id) else { return }
        for (tenant, count) in instance.permits where count > 0 {
            withBudgets(of: tenant) { budget in
                budget.giveBack(count)
                budget.spend(count)
            }
        }
    }

    /// Removes an instance, and what it wanted, and returns it. `nil` if there is none.
    mutating func removeInstance(_ id: InstanceID) -> InstanceAccount? {
        guard let instance = instances.removeValue(forKey: id) else { return nil }
        if instance.isWanting { demand -= instance.weight }
        urgent -= instance.urgent
        return instance
    }
}

extension LedgerSettings {
    /// The age of a renewal from which an instance is suspect, in microseconds.
    ///
    /// An instance exchanges at least every quarter of its time to live.
    var suspectAfter: Int64 {
        let quarter = timeToLive.microseconds / 4
        return quarter + min(Rules.suspectAfter, quarter * 3 / 2)
    }
}
