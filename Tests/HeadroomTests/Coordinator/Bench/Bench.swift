// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport
import HeadroomTesting
import TestClock
import Testing

/// A coordinator over a memory ledger, both on one manual clock.
struct Bench: Sendable {
    let clock: ManualClock
    let memory: MemoryLedger
    let ledger: FlakyLedger
    let coordinator: RateCoordinator

    init(
        _ plan: Plan, configuration: RateCoordinator.Configuration = .waiting, clock: ManualClock = .exact(),
        memory: MemoryLedger? = nil
    ) {
        let memory = memory ?? MemoryLedger(clock: { clock.microseconds })
        let ledger = FlakyLedger(memory)
        (self.clock, self.memory, self.ledger) = (clock, memory, ledger)
        coordinator = RateCoordinator(
            clientID: "test", plan: plan, ledger: Ledger(ledger), configuration: configuration, clock: clock)
    }

    /// Runs the coordinator, lets the ledger learn, runs the body, and ends everything in order.
    func running(learns: Bool = true, _ body: (Bench) async throws -> Void) async throws {
        let coordinator = coordinator
        let run = Task { try await coordinator.run() }
        do {
            if learns { try await learn() }
            try await body(self)
        } catch {
            coordinator.shutdown()
            try await finish(run)
            throw error
        }
        coordinator.shutdown()
        try await finish(run)
    }

    /// Makes the three calls after which a ledger takes it that the vendor sends no headers.
    func learn() async throws {
        for _ in 0..<3 { _ = try await call() }
        await pass(.milliseconds(200))
    }

    /// One call, with as much time passing as it takes.
    func call(
        tenant: String? = nil, priority: Priority = .normal, timeout: Timeout = .seconds(60),
        reading: VendorReading = VendorReading(status: 200)
    ) async throws -> Verdict {
        let coordinator = coordinator
        let task = Task { () async throws -> Verdict in
            let lease = try await coordinator.acquire(tenant: tenant, priority: priority, timeout: timeout)
            return lease.complete(reading)
        }
        return try await finish(task)
    }

    /// Lets time pass until a task has ended.
    func finish<Value: Sendable, Failure: Error>(
        _ task: Task<Value, Failure>, step: Duration = .milliseconds(5), within: Duration = .seconds(200)
    ) async throws -> Value {
        let isDone = Flag()
        let watcher = Task {
            _ = await task.result
            isDone.set()
        }
        let end = clock.now.advanced(by: within)
        while !isDone.isSet, clock.now < end {
            await clock.settle(until: { isDone.isSet })
            if !isDone.isSet { await clock.advance(by: step) }
        }
        if !isDone.isSet { task.cancel() }
        await watcher.value
        return try await task.value
    }

    /// Lets time pass, and all do at each of its moments what they have to do then.
    func pass(_ span: Duration) async {
        let end = clock.now.advanced(by: span)
        while clock.now < end { await clock.advance(by: min(.milliseconds(50), clock.now.duration(to: end))) }
    }

    /// Lets time pass until the ledger counts nothing as outstanding, at most a second: a heartbeat later would be too
    /// late.
    func becomesIdle() async throws {
        for _ in 0..<100 {
            if coordinator.statistics.pooled == 0, try await status().budgets[0].outstanding == 0 { return }
            await pass(.milliseconds(10))
        }
    }

    func status(_ tenants: [Tenant] = []) async throws -> LedgerStatus {
        try #require(try await memory.status(tenants: tenants, in: coordinator.group))
    }

    /// Calls spent of a limit of the product, as the ledger counts them.
    func spent(_ name: LimitName) async throws -> Int64 {
        try #require(try await status().budgets[0].limits.first { $0.name == name }).spent
    }
}

/// An event that happens once.
final class Flag: Sendable {
    private let state = Mutex((isSet: false, waiters: [CheckedContinuation<Void, Never>]()))

    var isSet: Bool { state.withLock { $0.isSet } }

    func set() {
        let waiters = state.withLock { state in
            defer { state = (true, []) }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until it happens; where the task is cancelled, as long.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isSet = state.withLock { state in
                if !state.isSet { state.waiters.append(continuation) }
                return state.isSet
            }
            if isSet { continuation.resume() }
        }
    }
}

/// The record of what happened, in order.
final class Record<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    var all: [Element] { elements.withLock { $0 } }
    func add(_ element: Element) { elements.withLock { $0.append(element) } }
}

extension RateCoordinator.Configuration {
    /// A configuration in which every call goes through the ledger, however long that takes.
    static var waiting: Self {
        var configuration = Self()
        configuration.ledgerOutagePolicy = .wait
        return configuration
    }
}

extension Plan {
    /// A plan of one rolling minute.
    static func minute(_ capacity: Int) throws -> Plan {
        try Plan(name: "minute", productLimits: [Limit(.throttle, capacity: capacity, window: .rolling(.seconds(60)))])
    }

    /// A plan of one day.
    static func day(_ capacity: Int) throws -> Plan {
        try Plan(name: "day", productLimits: [Limit(.quota, capacity: capacity, window: .day)])
    }
}
