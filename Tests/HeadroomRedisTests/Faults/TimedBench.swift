// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomSupport
import HeadroomTesting
import RedisClient
import RedisTestServer
import TestClock
import Testing

/// Coordinators on a real Redis whose scripts take their time from a clock that a test turns: minutes pass in no time.
struct TimedBench: Sendable {
    let clock: ManualClock
    let coordinators: [RateCoordinator]
    private let ledgers: [AwaitedLedger]
    private let server: RedisTestServer

    /// - Parameter origin: what the clock says at the start, in microseconds since 1970.
    init(_ count: Int, plan: Plan, origin: Microseconds = 1_795_348_800_000_000) throws {
        let pending = Counter()
        let clock = ManualClock.exact(origin: origin) { pending.value == 0 }
        let server = try RedisTestServer()
        (self.clock, self.server) = (clock, server)
        ledgers = try (0..<count).map { _ in
            AwaitedLedger(RedisLedger(try connection(server)) { clock.microseconds }, pending)
        }
        var configuration = RateCoordinator.Configuration()
        // By this clock, Redis may take long to answer.
        configuration.ledgerOutagePolicy = .wait
        coordinators = ledgers.map { ledger in
            RateCoordinator(
                clientID: "timed", plan: plan, ledger: Ledger(ledger), configuration: configuration,
                logger: LogCollector().logger("coordinator"), clock: clock)
        }
    }

    /// Runs the coordinators while the body runs, and ends them in order.
    func running(_ body: () async throws -> Void) async throws {
        let runs = coordinators.map { coordinator in Task { try await coordinator.run() } }
        var failure: (any Error)?
        do { try await body() } catch { failure = error }
        for coordinator in coordinators { coordinator.shutdown() }
        for run in runs { _ = try await finish(run) }
        if let failure { throw failure }
    }

    /// Lets time pass, in steps, after each of which Redis has answered all that it was asked.
    func pass(_ span: Duration, step: Duration = .milliseconds(500)) async {
        let end = clock.now.advanced(by: span)
        while clock.now < end { await clock.advance(by: min(step, clock.now.duration(to: end))) }
    }

    /// Lets time pass until a task has ended.
    func finish<Value: Sendable>(_ task: Task<Value, any Error>) async throws -> Value {
        let isDone = Mutex(false)
        let watcher = Task {
            _ = await task.result
            isDone.withLock { $0 = true }
        }
        for _ in 0..<5_000 where !isDone.withLock({ $0 }) { await pass(.milliseconds(10)) }
        if !isDone.withLock({ $0 }) { task.cancel() }
        await watcher.value
        return try await task.value
    }

    func status() async throws -> LedgerStatus {
        try #require(try await ledgers[0].status(tenants: [], in: coordinators[0].group))
    }

    /// Calls spent and permits outstanding, as the account counts them.
    func counts(of name: LimitName = .throttle) async throws -> [Int64] {
        let budget = try await status().budgets[0]
        return [budget.limits.first { $0.name == name }?.spent ?? -1, budget.outstanding]
    }
}
