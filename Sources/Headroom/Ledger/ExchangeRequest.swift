// SPDX-License-Identifier: Apache-2.0

/// What an instance tells and asks in one exchange.
public struct ExchangeRequest: Sendable, Hashable {
    /// Who exchanges.
    public var instance: InstanceID
    /// The ledger's epoch as the instance knows it.
    public var epoch: Int64
    /// 1 for the first exchange after a join, then one more each. A repeated number returns what the first one did.
    public var sequence: Int64
    /// A random number, 0...999: spreads pauses.
    public var jitter: Int
    /// Whether the instance ends: what it still holds counts as spent, and it is forgotten.
    public var isLast: Bool
    /// Permits that it holds, not handed out yet: they count against its share of the next slots.
    public var pooled: Int
    /// Permits that were spent or not used, at most one entry a tenant.
    public var settlements: [Settlement]
    /// What responses' headers said, the newest of each limit.
    public var observations: [Observation]
    /// Calls that were answered with 429, by the limit they were attributed to.
    public var rejections: [RejectionReport]
    /// Permits wanted, most urgent first.
    public var wants: [Want]

    /// Most entries of each list.
    public static let maximumEntries = 256

    /// Makes a request.
    public init(
        instance: InstanceID, epoch: Int64, sequence: Int64, jitter: Int = 0, isLast: Bool = false, pooled: Int = 0,
        settlements: [Settlement] = [], observations: [Observation] = [], rejections: [RejectionReport] = [],
        wants: [Want] = []
    ) {
        self.instance = instance
        self.epoch = epoch
        self.sequence = sequence
        self.jitter = jitter
        self.isLast = isLast
        self.pooled = pooled
        self.settlements = settlements
        self.observations = observations
        self.rejections = rejections
        self.wants = wants
    }
}

/// How permits ended.
public struct Settlement: Sendable, Hashable {
    /// Whose calls; nil for calls that name no tenant.
    public var tenant: Tenant?
    /// Permits whose calls the vendor may have counted.
    public var spent: Int
    /// Of those, how many were answered, and not with 429.
    public var accepted: Int
    /// Permits that were not used.
    public var unused: Int

    /// Makes a settlement.
    public init(tenant: Tenant?, spent: Int = 0, accepted: Int = 0, unused: Int = 0) {
        (self.tenant, self.spent, self.accepted, self.unused) = (tenant, spent, accepted, unused)
    }
}

/// What one response's headers said of one limit.
public struct Observation: Sendable, Hashable {
    /// Which limit.
    public var limit: LimitReference
    /// The window, for a limit that is seen for the first time.
    public var window: Limit.Window?
    /// The limit's capacity as the vendor tells it.
    public var capacity: Int
    /// How many calls the vendor counts; nil where only the capacity is known.
    public var used: Int?
    /// The ledger's own count when the call's permit was granted.
    public var mark: Int64?
    /// When the window ends, since 1970 by the vendor's clock.
    public var expiry: Microseconds?
    /// The vendor's clock when it answered, since 1970.
    public var date: Microseconds?
    /// How long ago the response arrived.
    public var age: Microseconds

    /// Makes an observation.
    public init(
        limit: LimitReference, window: Limit.Window? = nil, capacity: Int, used: Int? = nil, mark: Int64? = nil,
        expiry: Microseconds? = nil, date: Microseconds? = nil, age: Microseconds = 0
    ) {
        self.limit = limit
        self.window = window
        self.capacity = capacity
        self.used = used
        self.mark = mark
        self.expiry = expiry
        self.date = date
        self.age = age
    }
}

/// Calls that were answered with 429, attributed to one limit.
public struct RejectionReport: Sendable, Hashable {
    /// Which limit.
    public var limit: LimitReference
    /// How many calls, at least 1.
    public var count: Int
    /// The ledger's own count when the newest of the permits was granted.
    public var mark: Int64?
    /// How long the vendor asked to wait, from now; 0 where it did not.
    public var retryAfter: Microseconds

    /// Makes a value.
    public init(limit: LimitReference, count: Int = 1, mark: Int64? = nil, retryAfter: Microseconds = 0) {
        (self.limit, self.count, self.mark, self.retryAfter) = (limit, count, mark, retryAfter)
    }
}

/// Permits wanted for one tenant at one priority.
public struct Want: Sendable, Hashable {
    /// Whose calls; nil for calls that name no tenant.
    public var tenant: Tenant?
    /// How urgent.
    public var priority: Priority
    /// How many, at least 1.
    public var count: Int

    /// Makes a value.
    public init(tenant: Tenant? = nil, priority: Priority = .normal, count: Int = 1) {
        (self.tenant, self.priority, self.count) = (tenant, priority, count)
    }
}
