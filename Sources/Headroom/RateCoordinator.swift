// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport
public import Logging

/// Shares a vendor's rate limits between all processes that call it under one client id.
///
/// Ask it before each call, and report what came back:
///
/// ```swift
/// let coordinator = RateCoordinator(clientID: "my-app", plan: .keapOAuth, ledger: .memory)
///
/// try await coordinator.withLease(tenant: "ab123", label: "orders") { lease in
///     let (data, response) = try await session.data(for: request)
///     return lease.complete(response, body: data, value: data)
/// }
/// ```
///
/// ``run()`` must be running, in a task of its own; a coordinator runs once. All functions are safe to call from any
/// task.
public final class RateCoordinator: Sendable {
    /// The budget group: made from the client id.
    package let group: BudgetGroup
    /// The limits that it starts with.
    package let plan: Plan
    /// How it behaves.
    package let configuration: Configuration

    let ledger: any LedgerStore
    let clock: MonotonicClock
    let state: Mutex<CoordinatorMachine>
    let stripes = Stripes()
    let exchangeSignal = Signal()
    let timerSignal = Signal()
    let hub: EventHub
    let reporter: EventReporter

    /// Makes a coordinator. It does nothing until ``run()`` is called.
    ///
    /// - Parameters:
    ///   - clientID: what the vendor counts calls by. Coordinators with the same id, on the same ledger, share one
    ///     budget. Any text will do: bytes that a key may not have are percent-encoded, and a long id is cut and a hash
    ///     appended. The empty id is that of the group `%`.
    ///   - plan: the vendor, and the limits to start with; the vendor's headers may teach others.
    ///   - ledger: where the account is kept.
    ///   - configuration: a value out of range is taken as the nearer end of its range, and the logger gets a warning
    ///     with both.
    ///   - logger: gets a line for each ``CoordinatorEvent``. Default: label `headroom`.
    ///   - clock: measures waits and slots: one that a test turns by hand, or Swift's own. The ledger has its own.
    public init(
        clientID: String, plan: Plan, ledger: Ledger, configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "headroom"), clock: some Clock<Duration> = ContinuousClock()
    ) {
        group = BudgetGroup(clientID: clientID)
        self.plan = plan
        let (configuration, warnings) = configuration.inRange
        self.configuration = configuration
        self.ledger = ledger.store
        self.clock = MonotonicClock(clock)
        hub = EventHub(buffer: self.configuration.eventBuffer)
        reporter = EventReporter(logger: logger, group: group)
        for warning in warnings { reporter.warn(warning) }
        state = Mutex(
            CoordinatorMachine(
                plan: plan, configuration: self.configuration, seed: UInt64.random(in: .min ... .max),
                now: self.clock.now(), wallNow: SystemClock.now()))
    }

    /// The newest known state of each limit: as of the last exchange that reported it, product first.
    public var gauges: [LimitGauge] { state.withLock { $0.watch.gauges } }

    /// What it has done so far, and what it has now.
    public var statistics: Statistics { withStripesCollected(at: clock.now()) { $0.statistics } }

    /// The id of this instance in the ledger.
    package var instance: InstanceID { state.withLock { $0.instance } }

    /// Tenants of which the pool knows something: for tests.
    package var tenantsInPool: Int { state.withLock { $0.pool.tenants } }

    /// Permits that stripes have ready: for tests.
    package var readyInStripes: Int { stripes.ready }

    /// Events from now on. Each subscriber has its own buffer, of which the newest are kept; the streams end with
    /// ``run()``.
    public func events() -> AsyncStream<CoordinatorEvent> { hub.subscribe() }

    /// Carries out what the state has decided.
    func perform(_ actions: Actions) {
        for (waiter, outcome) in actions.outcomes { waiter.resume(returning: outcome) }
        perform(actions.wakes)
        for event in actions.events.map(CoordinatorEvent.init) {
            hub.publish(event)
            reporter.report(event)
        }
    }

    func perform(_ wakes: Wakes) {
        if wakes.contains(.exchange) { exchangeSignal.fire() }
        if wakes.contains(.timer) { timerSignal.fire() }
    }
}

// What happens once or twice for each call. This thread's stripe does it where it can; the state does it otherwise, and
// gives the stripe what it needs for the next ones.
extension RateCoordinator {
    /// A permit that this thread's stripe has ready.
    func takeReady(_ lane: Lane) -> CoordinatorMachine.LeaseRecord? {
        guard lane.tenant == nil else { return nil }
        let now = clock.now()
        return stripes.withMine { $0.take(lane.priority, at: now) }
    }

    /// Hands over a permit from the pool, or says how to wait for one.
    func admit(_ lane: Lane, timeout: Duration?) -> (CoordinatorMachine.Admission, deadline: Microseconds) {
        let now = clock.now()
        let deadline = now.after(timeout: timeout)
        let (admission, wakes) = state.withLock { state in
            let first = state.admit(lane, deadline: deadline, at: now)
            switch first.0 {
            case .wait where state.isSpread:
                collect(into: &state, at: now)
                return state.admit(lane, deadline: deadline, at: now)
            case .lease: share(lane, of: &state, at: now)
            default: break
            }
            return first
        }
        perform(wakes)
        return (admission, deadline)
    }

    /// A permit whose slot has come, from the pool only.
    func takeNow(_ lane: Lane) -> CoordinatorMachine.LeaseRecord? {
        let now = clock.now()
        let (record, wakes) = state.withLock { state in
            let first = state.takeNow(lane, at: now)
            if first.0 == nil, state.isSpread {
                collect(into: &state, at: now)
                return state.takeNow(lane, at: now)
            }
            share(lane, of: &state, at: now)
            return first
        }
        perform(wakes)
        return record
    }

    /// Ends a lease whose call no limit rejected.
    func end(_ lease: CoordinatorMachine.LeaseRecord, as ending: CoordinatorMachine.Ending) {
        if stripes.withMine({ $0.end(lease, as: ending) }) { return }
        let now = clock.now()
        perform(
            state.withLock { state in
                let actions = state.end(lease, as: ending, at: now)
                if state.mayOpen(lease) { stripes.withMine { state.open(&$0) } }
                return actions
            })
    }

    /// Ends a lease with what the vendor answered.
    func complete(_ lease: CoordinatorMachine.LeaseRecord, _ reading: VendorReading) -> Verdict {
        let isRejected = reading.isRejected
        if !isRejected, reading.readings.isEmpty, reading.ignored.isEmpty {
            end(lease, as: .accepted)
            return .accepted
        }
        let rejected = isRejected ? vendorsRejection(lease.permit.tenant, reading) : nil
        let now = clock.now()
        let wallNow = isRejected ? SystemClock.now() : 0
        let (verdict, actions) = state.withLock { $0.complete(lease, reading, rejected, at: now, wallNow: wallNow) }
        perform(actions)
        return verdict
    }

    /// The limit that rejected a call. Asked outside the lock: the vendor may be a user's own code, and slow, or look
    /// at the coordinator.
    private func vendorsRejection(_ tenant: Tenant?, _ reading: VendorReading) -> Rejection {
        let remaining = state.withLock { $0.remaining(tenant) }
        return plan.vendor.rejection(in: reading, tenant: tenant, remaining: remaining)
    }

    /// Whether a lease may still be used.
    func isUsable(_ lease: CoordinatorMachine.LeaseRecord) -> Bool {
        let now = clock.now()
        return stripes.withMine { $0.knowsUsable(lease, at: now) } || state.withLock { $0.isUsable(lease, at: now) }
    }

    /// Changes the state when all that stripes have has been taken back: for whatever looks at the whole.
    func withStripesCollected<Result: Sendable>(
        at now: Microseconds, _ body: (inout CoordinatorMachine) -> Result
    ) -> Result {
        state.withLock { state in
            if state.isSpread { collect(into: &state, at: now) }
            return body(&state)
        }
    }

    private func collect(into state: inout CoordinatorMachine, at now: Microseconds) {
        stripes.collect(into: &state, at: now)
        state.isSpread = false
    }

    private func share(_ lane: Lane, of state: inout CoordinatorMachine, at now: Microseconds) {
        if state.mayShare(lane) { stripes.withMine { state.fill(&$0, lane, at: now) } }
    }
}

/// What remains to be done after an event: the machine decides under its lock, ``RateCoordinator`` carries it out
/// outside the lock.
struct Actions: Sendable {
    /// What resumes a caller that waits.
    typealias Waiter = CheckedContinuation<WaitOutcome, Never>

    var outcomes: [(waiter: Waiter, outcome: WaitOutcome)] = []
    var events: [CoordinatorEvent.Detail] = []
    var wakes: Wakes = []

    mutating func add(_ other: Actions) {
        outcomes += other.outcomes
        events += other.events
        wakes.formUnion(other.wakes)
    }
}

/// The loops of `run()` that must look at the machine again.
struct Wakes: OptionSet, Sendable {
    let rawValue: UInt8

    static let exchange = Wakes(rawValue: 1)
    static let timer = Wakes(rawValue: 2)
}

/// The end of a caller's wait in the queue.
enum WaitOutcome: Sendable {
    case permit(Permit)
    case failure(RateLimitError)
}
