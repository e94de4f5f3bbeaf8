// SPDX-License-Identifier: Apache-2.0

import Headroom

/// Coordinators that run for as long as something is measured.
enum Coordinators {
    /// Runs one while `body` uses it, and ends it.
    @concurrent
    static func with<Result: Sendable>(
        _ coordinator: RateCoordinator, _ body: @escaping @Sendable (RateCoordinator) async throws -> Result
    ) async throws -> Result {
        try await with([coordinator]) { _ in try await body(coordinator) }
    }

    /// Runs several while `body` uses them, and ends them.
    @concurrent
    static func with<Result: Sendable>(
        _ coordinators: [RateCoordinator], _ body: @escaping @Sendable ([RateCoordinator]) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for coordinator in coordinators { group.addTask { try await coordinator.run() } }
            defer { for coordinator in coordinators { coordinator.shutdown() } }
            return try await body(coordinators)
        }
    }

    static func make(_ clientID: String, _ plan: Plan, _ ledger: some LedgerStore) -> RateCoordinator {
        RateCoordinator(clientID: clientID, plan: plan, ledger: Ledger(ledger), logger: Bench.noLog)
    }

    /// A window that no test fills: only the pool matters.
    static func endlessPlan() throws -> Plan {
        try Plan(
            name: "endless",
            productLimits: [Limit(.throttle, capacity: Limit.maximumCapacity, window: .rolling(.seconds(60)))])
    }

    /// As many acquired and completed, one after the other.
    @concurrent
    static func pairs(_ count: Int, _ coordinator: RateCoordinator) async throws {
        let reading = VendorReading(status: 200)
        for _ in 0..<count {
            let lease = try await coordinator.acquire()
            _ = lease.complete(reading)
        }
    }

    /// As many in all, by several tasks.
    @concurrent
    static func pairs(_ count: Int, _ coordinator: RateCoordinator, tasks: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<tasks { group.addTask { try await pairs(count / tasks, coordinator) } }
            try await group.waitForAll()
        }
    }

    /// How many nanoseconds something takes.
    static func time(_ body: () async throws -> Void) async rethrows -> Double {
        let begin = Clock.now()
        try await body()
        return Double(Clock.now() - begin)
    }
}
