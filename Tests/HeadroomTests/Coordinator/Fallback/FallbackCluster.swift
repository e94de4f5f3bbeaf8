// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import TestClock
import Testing

/// Coordinators over one ledger that may be cut off from it, and the times of their calls.
final class FallbackCluster: Sendable {
    let clock = ManualClock.exact()
    let benches: [Bench]
    let uses = Record<(who: Int, at: Microseconds)>()
    private let tasks = Record<Task<Void, Never>>()

    init(_ count: Int, _ plan: Plan, configuration: RateCoordinator.Configuration = .init()) {
        let clock = clock
        let first = Bench(plan, configuration: configuration, clock: clock)
        benches =
            [first]
            + (1..<count).map { _ in
                Bench(plan, configuration: configuration, clock: clock, memory: first.memory)
            }
    }

    func cut(_ isCut: Bool, _ who: Range<Int>? = nil) {
        for index in who ?? benches.indices { benches[index].ledger.cut(isCut) }
    }

    /// Runs all coordinators, with greedy callers of each.
    func running(callers: Int, _ body: (FallbackCluster) async throws -> Void) async throws {
        let runs = benches.map { bench in Task { try await bench.coordinator.run() } }
        try await benches[0].learn()
        for who in benches.indices { call(who, callers: callers) }
        do { try await body(self) } catch { Issue.record(error) }
        for task in tasks.all { task.cancel() }
        for bench in benches { bench.coordinator.shutdown() }
        for (bench, run) in zip(benches, runs) { try await bench.finish(run) }
    }

    /// Starts greedy callers of one coordinator.
    func call(_ who: Int, callers: Int) {
        for caller in 0..<callers { tasks.add(Task { await self.call(who, caller) }) }
    }

    private func call(_ who: Int, _ caller: Int) async {
        let bench = benches[who]
        while !Task.isCancelled {
            guard let lease = try? await bench.coordinator.acquire(timeout: .never) else { return }
            guard lease.isUsable else {
                lease.cancel()
                continue
            }
            uses.add((who, clock.microseconds))
            try? await clock.sleep(for: .milliseconds(20 + 7 * caller))
            _ = lease.complete(VendorReading(status: 200))
        }
    }

    func pass(_ span: Duration, step: Duration = .milliseconds(100)) async {
        let end = clock.now.advanced(by: span)
        while clock.now < end { await clock.advance(by: step) }
    }

    /// Lets time pass until a condition holds, at most a minute.
    func pass(until condition: () -> Bool) async {
        for _ in 0..<600 where !condition() { await clock.advance(by: .milliseconds(100)) }
    }

    var isInFallback: Bool { benches.contains { $0.coordinator.statistics.isInFallback } }

    func most(within window: Duration) -> Int {
        var log = UseLog()
        for use in uses.all { log.note(use.at) }
        return log.most(within: window)
    }

    func calls(since start: Microseconds) -> Int { uses.all.count { $0.at >= start } }
}
