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
    /// Whether the instance stays in fallback for now and only reports what it spent: slots leave room for it.
    package var isInFallback: Bool
    /// Permits in callers' hands, by tenant: they become outstanding again.
    package var permits: [TenantPermits]
    /// What the instance spent before, counted only if ``knownEpoch`` is neither 0 nor the ledger's epoch.
    package var history: [SpentCalls]
    /// What the instance spent and this account has no report of, though it kept its memory: counted once for each
    /// ``backfillNumber``, and not if the whole ``history`` is.
    package var unreported: [SpentCalls]
    /// The number of the newest ``unreported``, one more each time: a repeated join is not counted twice. 0: none yet.
    package var backfillNumber: Int64

    /// The most entries of ``history``, and of ``unreported``.
    package static let maximumHistory = 4096

    package init(
        instance: InstanceID, weight: Int = 1, settings: LedgerSettings, proposedEpoch: Int64, knownEpoch: Int64 = 0,
        isInFallback: Bool = false, permits: [TenantPermits] = [], history: [SpentCalls] = [],
        unreported: [SpentCalls] = [], backfillNumber: Int64 = 0
    ) {
        self.instance = instance
        self.weight = weight
        self.settings = settings
        self.proposedEpoch = proposedEpoch
        self.knownEpoch = knownEpoch
        self.isInFallback = isInFallback
        self.permits = permits
        self.history = history
        self.unreported = unreported
        self.backfillNumber = backfillNumber
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

    package init(tenant: Tenant?, age: Microseconds, count: Int) {
        (self.tenant, self.age, self.count) = (tenant, age, count)
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
    /// The time since the newest pause began, a span in which the account knows of no operation; 0: it knows of none.
    ///
    /// An instance that was answered within that span knows that the account is an older copy of itself.
    package var pausedFor: Microseconds
    /// The time since the newest pause ended; 0: the account knows of none.
    package var resumedFor: Microseconds

    package init(
        epoch: Int64, isNew: Bool, aliveFor: Microseconds, pausedFor: Microseconds = 0, resumedFor: Microseconds = 0
    ) {
        (self.epoch, self.isNew, self.aliveFor) = (epoch, isNew, aliveFor)
        (self.pausedFor, self.resumedFor) = (pausedFor, resumedFor)
    }
}
