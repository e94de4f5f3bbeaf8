// SPDX-License-Identifier: Apache-2.0

/// A group's account as it stands: for operators, tests and dashboards.
public struct LedgerStatus: Sendable, Hashable {
    /// A number that changes when the ledger has lost its memory.
    package var epoch: Int64
    /// The ledger's time, since 1970.
    package var now: WallInstant
    /// How long an operator's hold still lasts; zero: there is none.
    public var holdFor: Duration
    /// The sum of the weights of the instances that want permits.
    package var demand: Int64
    /// The instances alive, by id.
    public var instances: [InstanceStatus]
    /// The product's budget first, then the tenants asked for, in the order asked; those never seen are left out.
    public var budgets: [BudgetStatus]

    package init(
        epoch: Int64, now: Microseconds, holdFor: Duration, demand: Int64, instances: [InstanceStatus],
        budgets: [BudgetStatus]
    ) {
        self.epoch = epoch
        self.now = WallInstant(microseconds: now)
        self.holdFor = holdFor
        self.demand = demand
        self.instances = instances
        self.budgets = budgets
    }

    /// One instance.
    public struct InstanceStatus: Sendable, Hashable {
        /// The instance's id.
        public var id: String
        /// The instance's part in equal shares.
        package var weight: Int64
        /// The instance's permits.
        public var permits: Int64
        /// The time since the instance was last renewed, which each of its exchanges does.
        public var sinceRenewal: Duration
        /// Whether the instance wants permits.
        package var isWanting: Bool

        package init(
            id: InstanceID, weight: Int64, permits: Int64, sinceRenewal: Duration, isWanting: Bool
        ) {
            self.id = id.text
            self.weight = weight
            self.permits = permits
            self.sinceRenewal = sinceRenewal
            self.isWanting = isWanting
        }
    }

    /// One budget.
    public struct BudgetStatus: Sendable, Hashable {
        /// Which budget.
        public var scope: BudgetScope
        /// Permits granted and not settled.
        public var outstanding: Int64
        /// Whether the ledger still probes the vendor with one call at a time.
        package var isLearning: Bool
        /// The limits, as ``RateCoordinator/gauges`` has them.
        public var gauges: [LimitGauge] { limits.map { $0.gauge(of: scope, outstanding: outstanding) } }
        /// All that the ledger keeps of the limits.
        package var limits: [LimitStatus]

        package init(
            scope: BudgetScope, outstanding: Int64, isLearning: Bool, limits: [LimitStatus]
        ) {
            self.scope = scope
            self.outstanding = outstanding
            self.isLearning = isLearning
            self.limits = limits
        }
    }

    /// All that the ledger keeps of one limit.
    package struct LimitStatus: Sendable, Hashable {
        /// The limit's name.
        package var name: LimitName
        /// The window that the limit counts in.
        package var window: Limit.Window
        /// The configured capacity; 0 for a limit first seen in a header.
        package var configured: Int64
        /// The capacity in force: configured, or learned.
        package var capacity: Int64
        /// Calls spent in the window or the day.
        package var spent: Int64
        /// The vendor's count minus the ledger's own, as it counts now.
        package var drift: Int64
        /// Calls left unused because 429s taught so, in millionths of a call; a paced limit's margin in millionths.
        package var cushion: Int64
        /// How long nothing is granted after a 429; zero if there is no pause.
        package var pausedFor: Duration
        /// The number of pauses with no accepted call between them.
        package var pauses: Int64
        /// The time until the day ends; zero for other windows.
        package var resetsIn: Duration
        /// The time until a paced limit's next slot; zero for other windows and if the slot is past.
        package var slotIn: Duration
        /// A capacity that the vendor reported, not yet often enough to be in force; 0: none.
        package var candidate: Int64

        package init(
            name: LimitName, window: Limit.Window, configured: Int64, capacity: Int64, spent: Int64, drift: Int64,
            cushion: Int64, pausedFor: Duration, pauses: Int64, resetsIn: Duration, slotIn: Duration,
            candidate: Int64
        ) {
            self.name = name
            self.window = window
            self.configured = configured
            self.capacity = capacity
            self.spent = spent
            self.drift = drift
            self.cushion = cushion
            self.pausedFor = pausedFor
            self.pauses = pauses
            self.resetsIn = resetsIn
            self.slotIn = slotIn
            self.candidate = candidate
        }

        /// The limit as it is after an exchange.
        func gauge(of scope: BudgetScope, outstanding: Int64) -> LimitGauge {
            let isPaced = if case .paced = window { true } else { false }
            return LimitGauge(
                limit: LimitReference(scope, name), capacity: capacity, count: isPaced ? 0 : spent + outstanding,
                drift: drift, cushion: isPaced ? cushion : cushion / 1_000_000, pausedFor: pausedFor,
                resetsIn: resetsIn)
        }
    }
}
