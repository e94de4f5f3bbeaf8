// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

/// A planned failover: for some time two copies of one ledger answer, and in the end one of them does.
@Suite("Coordinator: two copies of a ledger", .timeLimit(.minutes(10)))
struct FailoverTests {
    /// Where all are in the end.
    enum End: Sendable, CaseIterable { case withOlder, withFirst, backAndForth }

    /// Which coordinators move, and how: half of them while an exchange was carried out and its answer lost.
    private func move(_ who: Range<Int>, of cluster: FallbackCluster, to ledger: MemoryLedger) async {
        for index in who {
            let flaky = cluster.benches[index].ledger
            if index % 2 == 0 {
                let before = flaky.exchanges.count
                flaky.fail([.after])
                for _ in 0..<3_000 where flaky.exchanges.count == before {
                    await cluster.pass(.milliseconds(1), step: .milliseconds(1))
                }
            }
            flaky.lead(to: ledger)
        }
    }

    @Test(
        "Clients of both, then all of one: the account is exactly what was spent, and an event says what happened",
        arguments: End.allCases, [3, 7])
    func planned(_ end: End, seconds: Int) async throws {
        let plan = try Plan(
            name: "both",
            productLimits: [
                Limit(.throttle, capacity: 9_000, window: .rolling(.seconds(60))),
                Limit(.quota, capacity: 90_000, window: .day),
            ])
        let cluster = FallbackCluster(4, plan)
        let first = cluster.benches[0].memory
        let older = MemoryLedger { cluster.clock.microseconds }
        let last = end == .withOlder ? older : first
        let (events, readers) = cluster.collectEvents()
        try await cluster.running(callers: 1) { cluster in
            await cluster.pass(.seconds(5))
            older.take(first)
            await move(2..<4, of: cluster, to: older)
            await cluster.pass(.seconds(seconds))
            switch end {
            case .withOlder: await move(0..<2, of: cluster, to: older)
            case .withFirst: await move(2..<4, of: cluster, to: first)
            case .backAndForth:
                await move(0..<4, of: cluster, to: older)
                await cluster.pass(.seconds(2))
                await move(0..<4, of: cluster, to: first)
            }
            await cluster.pass(.seconds(4))
        }
        for reader in readers { await reader.value }
        let group = cluster.benches[0].coordinator.group
        let status = try #require(try await last.status(tenants: [], in: group))
        let spent = Int64(cluster.uses.all.count + 3)
        #expect(status.budgets[0].limits.map(\.spent) == [spent, spent])
        #expect(status.budgets[0].outstanding == 0 && status.instances.isEmpty)
        #expect(spent > 500)
        #expect(cluster.numbersUsedTwice.isEmpty)
        let reports = events.all.compactMap { event -> Int64? in
            if case .ledgerSetBack(let reports) = event { reports } else { nil }
        }
        #expect(reports.count >= 2 && reports.allSatisfy { $0 > 0 }, "\(reports)")
        #expect(!events.all.contains(.rejoined(lostMemory: true)))
    }

    @Test(
        "A copy at which they expired, or that is older than what is kept by report: never too little, hardly too much",
        arguments: [12, 40])
    func muchOlder(seconds: Int) async throws {
        let cluster = FallbackCluster(2, try .minute(9_000))
        let first = cluster.benches[0].memory
        let older = MemoryLedger { cluster.clock.microseconds }
        try await cluster.running(callers: 2) { cluster in
            await cluster.pass(.seconds(5))
            older.take(first)
            await cluster.pass(.seconds(seconds))
            await move(0..<2, of: cluster, to: older)
            await cluster.pass(.seconds(3))
        }
        let status = try #require(try await older.status(tenants: [], in: cluster.benches[0].coordinator.group))
        let spent = Int64(cluster.uses.all.count + 3)
        // A quarter of a second of the calls of both, and the permits that they had when they were last heard of.
        let more = status.budgets[0].limits[0].spent - spent
        #expect((0...spent / 50).contains(more), "\(more) of \(spent) calls are counted twice")
    }

    @Test("Cut off from one copy, in fallback, then back at an older one: the account is exactly what was spent")
    func inFallback() async throws {
        let cluster = FallbackCluster(2, try .minute(6_000))
        let first = cluster.benches[0].memory
        let older = MemoryLedger { cluster.clock.microseconds }
        try await cluster.running(callers: 2) { cluster in
            await cluster.pass(.seconds(5))
            older.take(first)
            await cluster.pass(.seconds(1))
            cluster.cut(true)
            await cluster.pass(.seconds(4))
            #expect(cluster.benches[0].coordinator.statistics.isInFallback)
            for bench in cluster.benches { bench.ledger.lead(to: older) }
            cluster.cut(false)
            await cluster.pass(until: { !cluster.isInFallback })
            await cluster.pass(.seconds(2))
        }
        #expect(cluster.benches[0].coordinator.statistics.grantedInFallback > 100)
        #expect(cluster.numbersUsedTwice.isEmpty)
        let status = try #require(try await older.status(tenants: [], in: cluster.benches[0].coordinator.group))
        #expect(status.budgets[0].limits.map(\.spent) == [Int64(cluster.uses.all.count + 3)])
        #expect(status.budgets[0].outstanding == 0)
    }
}

extension FallbackCluster {
    /// The numbers under which a coordinator sent different reports.
    fileprivate var numbersUsedTwice: [Int64] {
        benches.flatMap { bench in
            let joins = Set(bench.ledger.joins).map(\.sequence)
            let exchanges = Set(bench.ledger.exchanges).map(\.sequence)
            return Dictionary(grouping: joins + exchanges) { $0 }.filter { $0.value.count > 1 }.keys
        }
    }

    /// What the coordinators' events say, and the tasks that end with them.
    fileprivate func collectEvents() -> (Record<CoordinatorEvent.Detail>, [Task<Void, Never>]) {
        let record = Record<CoordinatorEvent.Detail>()
        let readers = benches.map { bench in
            let stream = bench.coordinator.events()
            return Task { for await event in stream { record.add(event.detail) } }
        }
        return (record, readers)
    }
}
