// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: what it reports of fallback", .tags(.threads), .timeLimit(.minutes(10)))
struct FallbackReportTests {
    @Test("What was spent in fallback is reported with its age, once, and the account is exact")
    func reported() async throws {
        try await Bench(.minute(100), configuration: .init()).running { bench in
            bench.ledger.cut(true)
            for _ in 0..<10 { _ = try await bench.call() }
            #expect(bench.coordinator.statistics.isInFallback && bench.coordinator.statistics.grantedInFallback >= 9)
            await bench.pass(.seconds(40))
            // The join with the report is repeated; its first answer is lost.
            bench.ledger.cut(false)
            bench.ledger.fail([.after, .after, .after])
            await bench.pass(.seconds(9))
            #expect(!bench.coordinator.statistics.isInFallback)
            let spent = try await bench.spent(.throttle)
            #expect(spent == 13)
            await bench.pass(.seconds(25))
            let later = try await bench.spent(.throttle)
            #expect(later == 0)
        }
    }

    @Test("A ledger that lost its memory meanwhile gets everything, once")
    func lostMemory() async throws {
        try await Bench(.minute(100), configuration: .init()).running { bench in
            bench.ledger.cut(true)
            for _ in 0..<10 { _ = try await bench.call() }
            bench.memory.loseMemory()
            await bench.pass(.seconds(20))
            bench.ledger.cut(false)
            await bench.pass(.seconds(9))
            _ = try await bench.call()
            await bench.pass(.milliseconds(300))
            let spent = try await bench.spent(.throttle)
            #expect(spent == 14)
        }
    }

    @Test("Calls that end while a report is on its way, the last one too, are counted once")
    func endedMeanwhile() async throws {
        let cluster = FallbackCluster(2, try .minute(6_000))
        try await cluster.running(callers: 2) { cluster in
            await cluster.pass(.seconds(3))
            cluster.cut(true)
            await cluster.pass(.seconds(3))
            #expect(cluster.isInFallback)
            cluster.cut(false)
            for _ in 0..<300 where cluster.isInFallback {
                for bench in cluster.benches { bench.ledger.stall([.join]) }
                await cluster.pass(.milliseconds(40), step: .milliseconds(5))
                for bench in cluster.benches { bench.ledger.stall([]) }
                await cluster.pass(.milliseconds(10), step: .milliseconds(5))
            }
            #expect(!cluster.isInFallback)
            await cluster.pass(.seconds(2))
        }
        let status = try await cluster.benches[0].status()
        #expect(status.budgets[0].limits.map(\.spent) == [Int64(cluster.uses.all.count + 3)])
        #expect(status.budgets[0].outstanding == 0)
    }

    @Test("Its beginning and its end are events, with the number of instances and the calls granted")
    func events() async throws {
        let cluster = FallbackCluster(3, try .minute(60))
        let record = Record<CoordinatorEvent.Detail>()
        let stream = cluster.benches[0].coordinator.events()
        let reader = Task { for await event in stream { record.add(event.detail) } }
        try await cluster.running(callers: 1) { cluster in
            await cluster.pass(.seconds(5))
            cluster.cut(true)
            await cluster.pass(.seconds(20))
            cluster.cut(false)
            await cluster.pass(until: { !cluster.isInFallback })
        }
        await reader.value
        #expect(record.all.contains(.fallbackStarted(instances: 3)))
        let granted = record.all.compactMap { event -> Int64? in
            if case .fallbackEnded(let granted, let span) = event, span > .seconds(19) { granted } else { nil }
        }
        #expect(granted == [cluster.benches[0].coordinator.statistics.grantedInFallback])
    }

    @Test("The end of run() reports what was spent in fallback, if the ledger is back in time")
    func end() async throws {
        let bench = try Bench(.minute(100), configuration: .init())
        try await bench.running { bench in
            bench.ledger.cut(true)
            for _ in 0..<10 { _ = try await bench.call() }
            bench.coordinator.shutdown()
            bench.ledger.cut(false)
        }
        let status = try await bench.status()
        #expect(status.instances.isEmpty && status.budgets[0].outstanding == 0)
        #expect(status.budgets[0].limits[0].spent == 13)
    }
}
