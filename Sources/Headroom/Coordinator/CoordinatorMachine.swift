// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// All that a coordinator knows and decides: a value that is told what happened, and when, and says what is to be done.
///
/// Times are of the coordinator's monotonic clock. The parts decide for themselves; this puts them together.
struct CoordinatorMachine: Sendable {
    enum Phase: Sendable, Equatable {
        case notStarted, running
        /// Gives back what it has, for as long as that time.
        case leaving(until: Microseconds)
        case ended
    }

    /// A permit that nobody took is given back this long after its slot: later it would crowd the slots of others.
    static let idleMaximum: Microseconds = 100_000
    /// How long the end of `run()` may take.
    static let leavingMaximum: Microseconds = 2_000_000

    let configuration: RateCoordinator.Configuration
    let settings: LedgerSettings
    let instance: InstanceID
    let rules: VerdictRules
    var random: SplitMix

    var phase = Phase.notStarted
    var membership = Membership()
    var pool = Pool()
    /// Permits on their way to a caller, or waiting with it for their slot; and those slots, in order.
    var scheduled = TenantCounts()
    var slotsAhead = FIFO<Microseconds>()
    var waiting = WaitingQueue<Effects.Ticket>()
    var advice = AdviceTable()
    var box = Outbox()
    var leases: LeaseRegistry
    /// Whether stripes have something that must be taken back before the whole is looked at.
    var isSpread = false
    var history: SpentHistory
    /// The last minute of it, to a quarter of a second, whatever the limits' windows are.
    var recent: SpentHistory
    /// The work without the ledger; nil while the ledger is trusted.
    var fallback: SafeShare?
    /// How often the ledger was told what was spent without it.
    var tellings: Int64 = 0
    /// What the wall clock was ahead of the monotonic one at the start.
    let wallOffset: Microseconds
    var watch: GaugeWatch
    var counted = RateCoordinator.Statistics()
    var ignoredLoggedAt: Microseconds = .min

    /// When the exchange loop is to look again; `.min` while it is at work, or was woken.
    var exchangeWake: Microseconds = .min
    /// When the timer loop looks again by itself.
    var timerWake: Microseconds = .min
    private var lastID: UInt64 = 0

    init(
        plan: Plan, configuration: RateCoordinator.Configuration, seed: UInt64, now: Microseconds,
        wallNow: Microseconds
    ) {
        self.configuration = configuration
        settings = LedgerSettings(
            plan: plan, floors: configuration.floors, tolerance: configuration.tolerance,
            timeToLive: configuration.timeToLive)
        random = SplitMix(seed: seed)
        instance = InstanceID(using: &random)
        rules = VerdictRules(plan: plan)
        wallOffset = wallNow - now
        leases = LeaseRegistry(maximum: configuration.leaseMaximum)
        history = SpentHistory(plan: plan, dayEnd: now + Rules.day - wallNow % Rules.day)
        recent = SpentHistory(window: 60_000_000, dayEnd: .max)
        watch = GaugeWatch(plan: plan, levels: configuration.warnAt)
    }

    var statistics: RateCoordinator.Statistics {
        var statistics = counted
        statistics.waiting = waiting.count
        statistics.outstanding = leases.count
        statistics.pooled = pool.count + scheduled.count
        statistics.isInFallback = fallback != nil
        return statistics
    }

    /// Notes what was spent, for a ledger that has forgotten it.
    mutating func remember(_ settlements: [Settlement], at now: Microseconds) {
        history.add(settlements, at: now)
        recent.add(settlements, at: now)
    }

    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    /// Makes sure that the exchange loop looks at that time at the latest.
    mutating func schedule(_ due: Microseconds, at now: Microseconds) -> Wakes {
        // Nothing else is asked before the call that failed is repeated.
        let due = membership.isWaiting ? max(due, membership.retryAt) : due
        if due <= now {
            // Also where the timer should have woken it, and is late.
            guard exchangeWake != .min else { return [] }
            exchangeWake = .min
            return .exchange
        }
        guard due < exchangeWake else { return [] }
        exchangeWake = due
        return scheduleTimer(due)
    }

    /// Makes sure that the timer loop looks at that time at the latest.
    mutating func scheduleTimer(_ due: Microseconds) -> Wakes {
        guard due < timerWake else { return [] }
        timerWake = due
        return .timer
    }
}
