// SPDX-License-Identifier: Apache-2.0

/// How an instance announces itself: at its start, after it was away longer than its time to live, and when the ledger
/// has lost its memory.
package struct JoinRequest: Sendable, Hashable {
    /// Who joins.
    package var instance: InstanceID
    /// The instance's part in equal shares, 1...100.
    package var weight: Int
    /// The limits and rules; those of the newest join count.
    package var settings: LedgerSettings
    /// A random number, 1..<2^52, that becomes the ledger's epoch if it has none.
    package var proposedEpoch: Int64
    /// The epoch that the instance knew; 0: none.
    package var knownEpoch: Int64
    /// The number of this report: more than that of every other report of the instance before, from 1.
    ///
    /// Joins and exchanges are reports of an instance to the ledger, numbered over its whole life. By these numbers
    /// the ledger knows which calls of ``history`` it has not heard of. An exchange that is not carried out uses up its
    /// number: another copy of the ledger may have carried it out.
    package var sequence: Int64
    /// Whether the instance stays in fallback for now and only reports what it spent: slots leave room for it.
    package var isInFallback: Bool
    /// Permits in callers' hands, by tenant: they become outstanding again.
    package var permits: [TenantPermits]
    /// What the instance spent, newest reports first: the calls of each report that the ledger has not heard of count,
    /// all if it has heard of none. Nothing counts if ``knownEpoch`` is 0.
    package var history: [SpentCalls]

    /// The most entries of ``permits``: more tenants than any instance calls for at a time.
    package static let maximumPermits = 4096
    /// The most entries of ``history``.
    package static let maximumHistory = 1024

    package init(
        instance: InstanceID, weight: Int = 1, settings: LedgerSettings, proposedEpoch: Int64, knownEpoch: Int64 = 0,
        sequence: Int64 = 1, isInFallback: Bool = false, permits: [TenantPermits] = [], history: [SpentCalls] = []
    ) {
        self.instance = instance
        self.weight = weight
        self.settings = settings
        self.proposedEpoch = proposedEpoch
        self.knownEpoch = knownEpoch
        self.sequence = sequence
        self.isInFallback = isInFallback
        self.permits = permits
        self.history = history
    }
}

/// Permits of an instance for one tenant, or for calls that name none.
package struct TenantPermits: Sendable, Hashable {
    /// Whose calls; `nil` for calls that name no tenant.
    package var tenant: Tenant?
    /// How many, 0...``Limit/maximumCapacity``.
    package var count: Int

    package init(tenant: Tenant?, count: Int) { (self.tenant, self.count) = (tenant, count) }
}

/// Calls that an instance spent at some time in the past.
package struct SpentCalls: Sendable, Hashable {
    /// Whose calls; `nil` for calls that name no tenant.
    package var tenant: Tenant?
    /// The time since they were spent.
    package var age: Microseconds
    /// How many, 0...``Limit/maximumCapacity``.
    package var count: Int
    /// The number of the report that brought them to the ledger, or is to bring them: at most the join's own.
    package var report: Int64

    package init(tenant: Tenant?, age: Microseconds, count: Int, report: Int64 = 1) {
        (self.tenant, self.age, self.count, self.report) = (tenant, age, count, report)
    }
}

/// The ledger's answer to a join.
package struct JoinReply: Sendable, Hashable {
    /// The ledger's epoch: a number that changes when it has lost its memory.
    package var epoch: Int64
    /// Whether the ledger began with this join.
    package var isNew: Bool
    /// How long the instance counts as alive without another exchange.
    package var aliveFor: Microseconds
    /// The number of reports between the last of the instance that the account has heard and this one; 0 if the
    /// instance knew another epoch, or none. If the ledger had answered any of them, it is an older copy of itself.
    package var missed: Int64

    package init(epoch: Int64, isNew: Bool, aliveFor: Microseconds, missed: Int64 = 0) {
        (self.epoch, self.isNew, self.aliveFor, self.missed) = (epoch, isNew, aliveFor, missed)
    }
}
