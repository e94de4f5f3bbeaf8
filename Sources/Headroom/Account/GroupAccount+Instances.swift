// SPDX-License-Identifier: Apache-2.0

/// What the account knows of one instance.
package struct InstanceAccount: Sendable, Hashable {
    package var weight: Int64
    /// The number of the last exchange.
    package var sequence: Int64 = 0
    /// What the last exchange returned. `nil` if there was none.
    package var reply: Exchange?
    /// When the last exchange was.
    package var repliedAt: Int64 = 0
    /// When the instance was last renewed.
    package var renewed: Int64
    /// Whether the instance wanted more than it was granted in its last exchange.
    package var isWanting = false
    /// When the instance's next turn is, in the queue's own time (see ``FairQueue``); 0: it has none.
    package var startTag: Int64 = 0
    /// The number of calls that the instance's interactive callers wait for.
    package var urgent: Int64 = 0
    /// The instance's permits by tenant; `nil` stands for calls that name none.
    package var permits: [Tenant?: Int64] = [:]

    package init(weight: Int64, renewed: Int64) {
        self.weight = weight
        self.renewed = renewed
    }
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

    /// Ends expired instances, and counts those that are left.
    mutating func expireInstances() {
        guard now >= expiryDueAt else { return }
        expiryDueAt = now + Rules.expiryInterval
        let expired = instances.filter { $0.value.renewed + timeToLive <= now }
            .sorted { ($0.value.renewed, $0.key) < ($1.value.renewed, $1.key) }
        for (id, _) in expired.prefix(Rules.expiryMaximum) { finish(id) }
        if expired.count > Rules.expiryMaximum { expiryDueAt = now }
        countMembers()
        noteDeparted(Int64(min(expired.count, Rules.expiryMaximum)))
        tenants = tenants.filter { now - $0.value.touched <= tenantIdle }
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
    /// An instance exchanges at least every quarter of its time to live; the renewal of an exchange soon after another
    /// one is not noted.
    var suspectAfter: Int64 {
        let quarter = timeToLive.microseconds / 4
        return quarter + min(Rules.renewal, quarter) + min(Rules.suspectAfter, quarter / 2)
    }
}
