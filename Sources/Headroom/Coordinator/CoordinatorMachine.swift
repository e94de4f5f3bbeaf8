// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// All that a coordinator knows and decides, as one value: events go in with the time at which they happened, and
/// ``Actions`` come out.
///
/// The machine reads no clock, resumes nobody and makes no request; ``RateCoordinator`` does, and calls the machine
/// under a lock. Times are of the coordinator's monotonic clock. Each concern has a folder with the types that decide
/// for themselves and an extension of this type that joins them to the rest: `Session` (what the ledger is asked, and
/// what it answers), `Permits` (the pool and the callers that wait), `Leases` (what callers have in hand, and what is
/// to be reported of it), `Fallback` (work without the ledger), `Striping` (the hot path of each core), `Telemetry`.
///
/// Two loops drive the machine. The exchange loop takes one ``Step`` after another (``nextStep(at:)``) and sleeps until
/// `exchangeWake` if there is none; the timer loop calls ``tick(at:)`` at `timerWake`, and wakes the exchange loop when
/// its time has come. Whatever changes the machine brings these two times forward as needed.
struct CoordinatorMachine: Sendable {
    enum Phase: Sendable, Equatable {
        case notStarted, running
        /// `run()` is ending: what the instance has is given back, until that time at the latest.
        case leaving(until: Microseconds)
        case ended
    }

    /// The time after its slot at which a permit that nobody took is given back, in microseconds. Used any later, the
    /// permit would crowd the slots of other instances.
    static let idleMaximum: Microseconds = 100_000
    /// The longest time that the end of `run()` may take, in microseconds.
    static let leavingMaximum: Microseconds = 2_000_000

    let configuration: RateCoordinator.Configuration
    let settings: LedgerSettings
    let instance: InstanceID
    let rules: VerdictRules
    /// The product's limit that spreads calls over time: the plan's, else one that the vendor spoke of.
    var pacedLimit: LimitName?
    var random: SplitMix

    var phase = Phase.notStarted
    var membership = Membership()
    var pool = Pool()
    /// Permits on their way to a caller, or waiting with it for their slot.
    var scheduled = TenantCounts()
    /// The slots of scheduled permits, in order.
    var slotsAhead = FIFO<Microseconds>()
    var waiting = WaitingQueue<Actions.Waiter>()
    var advice = AdviceTable()
    var outbox = Outbox()
    var leases: LeaseRegistry
    /// Whether stripes have permits or counts that must be collected before a decision that needs all of them.
    var isSpread = false
    /// What the instance spent in the windows that still count.
    var history: SpentHistory
    /// The account that callers are served from in fallback. `nil` while the ledger is trusted.
    var safeShare: SafeShare?
    /// The wall clock's time minus the monotonic clock's, at the start.
    let wallOffset: Microseconds
    var watch: GaugeWatch
    var counters = RateCoordinator.Statistics()
    var ignoredLoggedAt: Microseconds = .min

    /// The time at which the exchange loop looks again. `.min` while the loop is at work, or was woken.
    var exchangeWake: Microseconds = .min
    /// The time at which the timer loop looks again.
    var timerWake: Microseconds = .min
    private var lastID: UInt64 = 0

    init(
        plan: Plan, configuration: RateCoordinator.Configuration, seed: UInt64, now: Microseconds,
        wallNow: Microseconds
    ) {
        self.configuration = configuration
        settings = LedgerSettings(
            plan: plan, floors: configuration.floors, tolerance: Int((configuration.tolerance * 1e6).rounded()),
            timeToLive: configuration.timeToLive)
        random = SplitMix(seed: seed)
        instance = InstanceID(using: &random)
        rules = VerdictRules(plan: plan)
        pacedLimit = plan.productLimits.first { if case .paced = $0.window { true } else { false } }?.name
        wallOffset = wallNow - now
        leases = LeaseRegistry(maximum: configuration.leaseMaximum)
        history = SpentHistory(plan: plan, dayEnd: now + Rules.day - wallNow % Rules.day)
        watch = GaugeWatch(plan: plan, levels: configuration.warnAt)
    }

    /// Whether callers are served from the safe share, without the ledger.
    var isInFallback: Bool { safeShare != nil }

    var statistics: RateCoordinator.Statistics {
        var statistics = counters
        statistics.waiting = waiting.count
        statistics.outstanding = leases.count
        statistics.pooled = pool.count + scheduled.count
        statistics.isInFallback = isInFallback
        return statistics
    }

    /// Records what was spent, for a ledger that loses its memory.
    ///
    /// - Parameter report: the number of the report that brought it to the ledger, or is to bring it.
    mutating func remember(_ settlements: [Settlement], report: Int64, at now: Microseconds) {
        for settlement in settlements { history.add(settlement.tenant, settlement.spent, report: report, at: now) }
    }

    mutating func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    /// Makes the exchange loop look at a time, or earlier.
    mutating func schedule(_ due: Microseconds, at now: Microseconds) -> Wakes {
        // Nothing else is asked before the request that failed is repeated.
        let due = membership.mustRetryOrJoin ? max(due, membership.retryAt) : due
        if due <= now {
            // Also if the timer should have woken the loop already, and is late.
            guard exchangeWake != .min else { return [] }
            exchangeWake = .min
            return .exchange
        }
        guard due < exchangeWake else { return [] }
        exchangeWake = due
        return scheduleTimer(due)
    }

    /// Makes the timer loop look at a time, or earlier.
    mutating func scheduleTimer(_ due: Microseconds) -> Wakes {
        guard due < timerWake else { return [] }
        timerWake = due
        return .timer
    }
}

// Its life, from `start()` to the last tick of the timer.
extension CoordinatorMachine {
    /// Begins the life of a coordinator. `false` if it had begun before.
    mutating func start() -> Bool {
        guard phase == .notStarted else { return false }
        phase = .running
        return true
    }

    /// Begins the end: nobody is served any more, and permits that no caller has in hand are given back.
    mutating func leave(at now: Microseconds) -> Actions {
        var actions = Actions()
        guard phase == .running || phase == .notStarted else { return actions }
        let wasRunning = phase == .running
        phase = wasRunning ? .leaving(until: now + Self.leavingMaximum) : .ended
        for entry in waiting.removeAll() {
            actions.outcomes.append((entry.waiter, .failure(fail(.stopped))))
        }
        for (tenant, count) in pool.removeAll(before: .max) + scheduled.removeAll() where !isInFallback {
            outbox.giveBack(tenant, count, at: now)
        }
        // A caller that still waits for a slot finds its permit void.
        membership.generation += 1
        membership.retryAt = now
        exchangeWake = .min
        actions.wakes = [.exchange, .timer]
        return actions
    }

    /// What the timer loop does: ends waits whose timeout has come and leases that lasted too long, gives the ledger up
    /// if it has not answered for too long, serves callers in fallback, and wakes the exchange loop.
    ///
    /// - Returns: the time of the next tick. `nil` at the end of the coordinator's life.
    mutating func tick(at now: Microseconds) -> (next: Microseconds?, Actions) {
        var actions = Actions()
        if case .leaving(let until) = phase, now >= until { phase = .ended }
        guard phase != .ended else { return (nil, actions) }
        for entry in waiting.removeExpired(at: now) {
            actions.outcomes.append((entry.waiter, .failure(fail(timedOut(entry.lane, at: now)))))
        }
        var ended = 0
        for (tenant, count) in leases.removeExpired(at: now) {
            ended += count
            actions.add(settleSpent(tenant, count, accepted: 0, isOwn: isOwnExpired(at: now), at: now))
        }
        if ended > 0 {
            counters.dropped += Int64(ended)
            actions.events.append(.leasesExpired(count: ended))
        }
        actions.add(applyOutagePolicy(at: now))
        actions.add(serveInFallback(at: now))
        if exchangeWake <= now {
            exchangeWake = .min
            actions.wakes.formUnion(.exchange)
        }
        actions.wakes.remove(.timer)
        timerWake = nextTick(at: now)
        return (timerWake, actions)
    }

    private mutating func nextTick(at now: Microseconds) -> Microseconds {
        var next = now + 60_000_000
        if let deadline = waiting.nextDeadline() { next = min(next, deadline) }
        if let end = leases.nextEnd { next = min(next, end) }
        if exchangeWake > now { next = min(next, exchangeWake) }
        if let end = patienceEnds, end > now { next = min(next, end) }
        next = min(next, nextInFallback)
        if case .leaving(let until) = phase { next = min(next, until) }
        return next
    }

    /// Ends the wait of a caller that came before `run()` was started, if it has not been started since.
    mutating func giveUpUnstarted(_ id: UInt64) -> Actions {
        var actions = Actions()
        guard phase == .notStarted, let entry = waiting.remove(id) else { return actions }
        actions.outcomes.append((entry.waiter, .failure(fail(.notRunning))))
        return actions
    }
}
