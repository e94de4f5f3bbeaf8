// SPDX-License-Identifier: Apache-2.0

/// How an instance announces itself: at its start, after a silence longer than its time to live, and when the ledger
/// has lost its memory.
public struct JoinRequest: Sendable, Hashable {
    /// Who joins.
    public var instance: InstanceID
    /// The instance's part in equal shares, 1...100.
    public var weight: Int
    /// The limits and rules; those of the newest join count.
    public var settings: LedgerSettings
    /// A random number, 1..<2^52, that becomes the ledger's epoch if it has none.
    public var proposedEpoch: Int64
    /// The epoch that the instance knew, or 0.
    public var knownEpoch: Int64
    /// Whether the instance goes on without the ledger for now, and only tells what it spent: slots leave room for it.
    public var isInFallback: Bool
    /// Permits in callers' hands, by tenant: they become outstanding again.
    public var permits: [TenantPermits]
    /// What the instance spent before, counted only where the ledger's epoch is not `knownEpoch` and `knownEpoch` is
    /// not 0.
    public var history: [SpentCalls]
    /// What the instance spent that this account was never told, though it kept its memory: counted once for each
    /// ``backfillNumber``, and not where the whole ``history`` is.
    public var unreported: [SpentCalls]
    /// The number of the newest ``unreported``, one more each time: a repeated join is not counted twice. 0: none yet.
    public var backfillNumber: Int64

    /// Makes a request.
    public init(
        instance: InstanceID, weight: Int = 1, settings: LedgerSettings, proposedEpoch: Int64, knownEpoch: Int64 = 0,
        isInFallback: Bool = false, permits: [TenantPermits] = [], history: [SpentCalls] = [],
        unreported: [SpentCalls] = [],
        backfillNumber: Int64 = 0
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

/// Permits that an instance holds for one tenant, or for calls that name none.
public struct TenantPermits: Sendable, Hashable {
    /// Whose calls; nil for calls that name no tenant.
    public var tenant: Tenant?
    /// How many, 0...``Limit/maximumCapacity``.
    public var count: Int

    /// Makes a value.
    public init(tenant: Tenant?, count: Int) { (self.tenant, self.count) = (tenant, count) }
}

/// Calls that an instance spent at some time in the past.
public struct SpentCalls: Sendable, Hashable {
    /// Whose calls; nil for calls that name no tenant.
    public var tenant: Tenant?
    /// How long ago.
    public var age: Microseconds
    /// How many, 0...``Limit/maximumCapacity``.
    public var count: Int

    /// Makes a value.
    public init(tenant: Tenant?, age: Microseconds, count: Int) {
        (self.tenant, self.age, self.count) = (tenant, age, count)
    }
}

/// The ledger's answer to a join.
public struct JoinReply: Sendable, Hashable {
    /// The ledger's epoch: a number that changes when it has lost its memory.
    public var epoch: Int64
    /// Whether the ledger began with this join.
    public var isNew: Bool
    /// How long the instance counts as alive without another exchange.
    public var aliveFor: Microseconds
    /// How long ago the newest pause began and ended, in which the account knows of no operation; 0: it knows of no
    /// pause. Who was answered in between knows that the account is an older copy of itself.
    public var pausedFor: Microseconds
    public var resumedFor: Microseconds

    /// Makes a reply.
    public init(
        epoch: Int64, isNew: Bool, aliveFor: Microseconds, pausedFor: Microseconds = 0, resumedFor: Microseconds = 0
    ) {
        (self.epoch, self.isNew, self.aliveFor) = (epoch, isNew, aliveFor)
        (self.pausedFor, self.resumedFor) = (pausedFor, resumedFor)
    }
}
