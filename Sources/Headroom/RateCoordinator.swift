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
/// ``run()`` must be running, in a task of its own. All functions are safe to call from any task.
public final class RateCoordinator: Sendable {
    /// The budget group: made from the client id.
    public let group: BudgetGroup
    /// The limits that it starts with.
    public let plan: Plan
    /// How it behaves.
    public let configuration: Configuration

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
