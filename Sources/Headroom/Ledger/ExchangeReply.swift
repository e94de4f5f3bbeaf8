// SPDX-License-Identifier: Apache-2.0

/// The ledger's answer to an exchange.
public enum ExchangeReply: Sendable, Hashable {
    /// The exchange took place.
    case done(Exchange)
    /// The ledger does not know the instance in that epoch, or lost its last exchanges: nothing was done; join again.
    case unknownInstance
}

/// What one exchange brought.
public struct Exchange: Sendable, Hashable {
    /// How long the instance counts as alive without another exchange, from when the request left.
    public var aliveFor: Microseconds
    /// How many instances were alive when silent ones were last looked for, at most a second ago; at least 1.
    public var members: Int64
    /// One for each want, in the same order.
    public var grants: [Grant]
    /// The limits of the product, and of the tenants wanted, after the exchange.
    public var gauges: [LimitGauge]

    /// Makes a value.
    public init(aliveFor: Microseconds, members: Int64 = 1, grants: [Grant], gauges: [LimitGauge]) {
        (self.aliveFor, self.members, self.grants, self.gauges) = (aliveFor, members, grants, gauges)
    }
}

/// What was granted of one want, and why not more.
public struct Grant: Sendable, Hashable {
    /// How many permits, 0...wanted.
    public var count: Int
    /// From when the first may be used, counted from the reply's arrival. Not negative.
    public var slot: Microseconds
    /// How far the slots are apart, in nanoseconds.
    public var spacing: Int64
    /// The ledger's own counts before the grant; the n-th permit's mark is n more (n from 1).
    public var marks: [Mark]
    /// Why not all was granted.
    public var shortage: Shortage?

    /// Makes a value.
    public init(count: Int, slot: Microseconds = 0, spacing: Int64 = 0, marks: [Mark] = [], shortage: Shortage? = nil) {
        (self.count, self.slot, self.spacing, self.marks, self.shortage) = (count, slot, spacing, marks, shortage)
    }
}

/// The ledger's own count of one limit: spent in its window, and outstanding.
public struct Mark: Sendable, Hashable {
    /// Which limit.
    public var limit: LimitReference
    /// The count.
    public var count: Int64

    /// Makes a value.
    public init(limit: LimitReference, count: Int64) { (self.limit, self.count) = (limit, count) }
}

/// Why a want was not granted in full, and for how long.
public struct Shortage: Sendable, Hashable {
    /// What is short.
    public enum Cause: Sendable, Hashable {
        /// A limit has nothing left for this priority now.
        case limit(LimitReference)
        /// The ledger has just begun and probes the vendor with one call at a time.
        case learning
        /// An operator, or a wait for what others hold, stopped all grants.
        case hold
    }

    /// What is short.
    public var cause: Cause
    /// When to ask again.
    public var retryIn: Microseconds
    /// Before this has passed, nothing can be granted unless something is given back.
    public var availableIn: Microseconds

    /// Makes a value.
    public init(cause: Cause, retryIn: Microseconds, availableIn: Microseconds) {
        (self.cause, self.retryIn, self.availableIn) = (cause, retryIn, availableIn)
    }
}

/// One limit as it stands.
public struct LimitGauge: Sendable, Hashable {
    /// Which limit.
    public var limit: LimitReference
    /// The capacity in force: configured, or learned.
    public var capacity: Int64
    /// Calls that count: spent in the window, and outstanding. 0 for a paced limit.
    public var count: Int64
    /// The vendor's count minus the ledger's own, as it counts now.
    public var drift: Int64
    /// Calls left unused because 429s taught so; a paced limit's margin in millionths.
    public var cushion: Int64
    /// How long nothing is granted after a 429; 0 where nothing holds.
    public var pausedFor: Microseconds
    /// When the day ends; 0 for other windows.
    public var resetsIn: Microseconds

    /// Makes a value.
    public init(
        limit: LimitReference, capacity: Int64, count: Int64, drift: Int64, cushion: Int64, pausedFor: Microseconds,
        resetsIn: Microseconds
    ) {
        self.limit = limit
        self.capacity = capacity
        self.count = count
        self.drift = drift
        self.cushion = cushion
        self.pausedFor = pausedFor
        self.resetsIn = resetsIn
    }

    /// Calls of the limit that are taken: counted, and the vendor's excess over the own count.
    public var used: Int64 { count + drift }
}
