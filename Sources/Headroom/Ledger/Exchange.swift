// SPDX-License-Identifier: Apache-2.0

/// What an instance reports and asks in one exchange.
package struct ExchangeRequest: Sendable, Hashable {
    /// Who exchanges.
    package var instance: InstanceID
    /// The ledger's epoch as the instance knows it.
    package var epoch: Int64
    /// The number of this report: one more than that of the join or exchange before. A repeated number returns what the
    /// first one did.
    package var sequence: Int64
    /// A random number, 0...999: spreads pauses.
    package var jitter: Int
    /// Whether the instance ends: its permits count as spent then, and it is forgotten.
    package var isLast: Bool
    /// Permits in the instance's pool, not handed out yet: they count against its share of the next slots.
    package var pooled: Int
    /// Permits that were spent or not used, at most one entry a tenant.
    package var settlements: [Settlement]
    /// What responses' headers said, the newest of each limit.
    package var observations: [Observation]
    /// Calls that were answered with 429, by the limit they were attributed to.
    package var rejections: [RejectionReport]
    /// Permits wanted, most urgent first.
    package var wants: [Want]

    /// The most entries of each list.
    package static let maximumEntries = 256

    package init(
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
package struct Settlement: Sendable, Hashable {
    /// Whose calls; `nil` for calls that name no tenant.
    package var tenant: Tenant?
    /// Permits whose calls the vendor may have counted.
    package var spent: Int
    /// The number of spent permits whose calls were answered, and not with 429.
    package var accepted: Int
    /// Permits that were not used.
    package var unused: Int

    package init(tenant: Tenant?, spent: Int = 0, accepted: Int = 0, unused: Int = 0) {
        (self.tenant, self.spent, self.accepted, self.unused) = (tenant, spent, accepted, unused)
    }
}

/// What one response's headers said of one limit.
package struct Observation: Sendable, Hashable {
    /// Which limit.
    package var limit: LimitReference
    /// The window, for a limit that is seen for the first time.
    package var window: Limit.Window?
    /// The limit's capacity as the vendor reports it.
    package var capacity: Int
    /// How many calls the vendor counts; `nil` if only the capacity is known.
    package var used: Int?
    /// The ledger's own count when the call's permit was granted.
    package var mark: Int64?
    /// The window's end by the vendor's clock, since 1970.
    package var expiry: Microseconds?
    /// The vendor's clock when it answered, since 1970.
    package var date: Microseconds?
    /// The time since the response arrived.
    package var age: Microseconds

    package init(
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
package struct RejectionReport: Sendable, Hashable {
    /// Which limit.
    package var limit: LimitReference
    /// How many calls, at least 1.
    package var count: Int
    /// The ledger's own count when the newest of the permits was granted.
    package var mark: Int64?
    /// How long the vendor asked to wait, from now; 0 if it did not.
    package var retryAfter: Microseconds

    package init(limit: LimitReference, count: Int = 1, mark: Int64? = nil, retryAfter: Microseconds = 0) {
        (self.limit, self.count, self.mark, self.retryAfter) = (limit, count, mark, retryAfter)
    }
}

/// Permits wanted for one tenant at one priority.
package struct Want: Sendable, Hashable {
    /// Whose calls; `nil` for calls that name no tenant.
    package var tenant: Tenant?
    /// How urgent the calls are.
    package var priority: Priority
    /// How many permits, at least 1.
    package var count: Int

    package init(tenant: Tenant? = nil, priority: Priority = .normal, count: Int = 1) {
        (self.tenant, self.priority, self.count) = (tenant, priority, count)
    }
}

/// The ledger's answer to an exchange.
package enum ExchangeReply: Sendable, Hashable {
    /// The exchange took place.
    case done(Exchange)
    /// The ledger does not know the instance in that epoch, or lost its last exchanges: nothing was done; join again.
    case unknownInstance
}

/// What one exchange brought.
package struct Exchange: Sendable, Hashable {
    /// How long the instance counts as alive without another exchange, from when the request left.
    package var aliveFor: Microseconds
    /// The number of instances alive when expired ones were last looked for, at most a second ago; at least 1.
    package var members: Int64
    /// One for each want, in the same order.
    package var grants: [Grant]
    /// The limits of the product, and of the tenants wanted, after the exchange.
    package var gauges: [LimitGauge]

    package init(aliveFor: Microseconds, members: Int64 = 1, grants: [Grant], gauges: [LimitGauge]) {
        (self.aliveFor, self.members, self.grants, self.gauges) = (aliveFor, members, grants, gauges)
    }
}

/// What was granted of one want, and why not more.
package struct Grant: Sendable, Hashable {
    /// How many permits, 0...wanted.
    package var count: Int
    /// The time until the first permit may be used, counted from the reply's arrival. Not negative.
    package var slot: Microseconds
    /// The distance of the slots, in nanoseconds.
    package var spacing: Int64
    /// The ledger's own counts before the grant; the n-th permit's mark is n more (n from 1).
    package var marks: [Mark]
    /// Why not all was granted. `nil` if all was.
    package var shortage: Shortage?

    package init(
        count: Int, slot: Microseconds = 0, spacing: Int64 = 0, marks: [Mark] = [], shortage: Shortage? = nil
    ) {
        (self.count, self.slot, self.spacing, self.marks, self.shortage) = (count, slot, spacing, marks, shortage)
    }
}

/// The ledger's own count of one limit: spent in its window, and outstanding.
package struct Mark: Sendable, Hashable {
    /// Which limit.
    package var limit: LimitReference
    /// The count.
    package var count: Int64

    package init(limit: LimitReference, count: Int64) { (self.limit, self.count) = (limit, count) }
}

/// Why a want was not granted in full, and for how long.
package struct Shortage: Sendable, Hashable {
    /// What is short.
    package enum Cause: Sendable, Hashable {
        /// A limit has nothing left for this priority now.
        case limit(LimitReference)
        /// The ledger has just begun and probes the vendor with one call at a time.
        case learning
        /// An operator's hold stopped all grants.
        case hold
    }

    /// What is short.
    package var cause: Cause
    /// The time after which to ask again.
    package var retryIn: Microseconds
    /// The time before which nothing can be granted, unless something is given back.
    package var availableIn: Microseconds

    package init(cause: Cause, retryIn: Microseconds, availableIn: Microseconds) {
        (self.cause, self.retryIn, self.availableIn) = (cause, retryIn, availableIn)
    }
}
