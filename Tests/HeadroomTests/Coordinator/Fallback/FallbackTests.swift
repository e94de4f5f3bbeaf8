// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: in fallback", .timeLimit(.minutes(10)))
struct FallbackTests {
    @Test("Cut off all of them or half, and back: no window has more calls than the limit", arguments: [4, 2])
    func cutOff(_ cut: Int) async throws {
        let cluster = FallbackCluster(4, try .minute(60))
        try await cluster.running(callers: 2) { cluster in
            await cluster.pass(.seconds(70))
            cluster.cut(true, 0..<cut)
            await cluster.pass(.seconds(75))
            let settled = cluster.clock.microseconds
            await cluster.pass(.seconds(60))
            let fallback = cluster.calls(since: settled)
            #expect(cluster.benches[0].coordinator.statistics.isInFallback)
            // Those who are cut off use their parts.
            #expect(cut < 4 || (45...60).contains(fallback), "\(fallback) calls in a minute without the ledger")
            cluster.cut(false)
            await cluster.pass(until: { !cluster.isInFallback })
            #expect(!cluster.isInFallback)
            await cluster.pass(.seconds(70))
        }
        let most = cluster.most(within: .seconds(60))
        // Half of them know nothing of the others' calls, and the vendor reports nothing: they use their parts beside
        // the whole.
        #expect(most <= (cut == 4 ? 60 : 90), "\(most) calls in a window of 60")
        #expect(cluster.benches[0].coordinator.statistics.grantedInFallback > 0)
    }

    @Test(
        "If one has used the limit up before the loss, the others have nothing until its calls have left the window")
    func uneven() async throws {
        let cluster = FallbackCluster(4, try .minute(60))
        try await cluster.running(callers: 0) { cluster in
            cluster.call(0, callers: 2)
            await cluster.pass(until: { cluster.uses.all.count == 57 })
            // As long as an idle instance's heartbeat needs.
            await cluster.pass(.seconds(6))
            cluster.cut(true)
            for who in 1..<4 { cluster.call(who, callers: 2) }
            await cluster.pass(.seconds(150))
        }
        // Later all of them use their parts.
        #expect(cluster.most(within: .seconds(60)) <= 60)
        #expect(cluster.uses.all.count { $0.who > 0 } >= 45)
    }

    @Test("If a part is less than one call a window, it is one call in several windows")
    func fewCalls() async throws {
        let cluster = FallbackCluster(6, try .minute(3))
        try await cluster.running(callers: 1) { cluster in
            await cluster.pass(.seconds(70))
            cluster.cut(true)
            let start = cluster.clock.microseconds
            await cluster.pass(.seconds(600), step: .milliseconds(400))
            let fallback = cluster.calls(since: start)
            // Ten minutes, of which the first is kept free for what was spent before; each has one call in two minutes.
            #expect((12...30).contains(fallback), "\(fallback) calls in ten minutes")
            #expect(Set(cluster.uses.all.filter { $0.at >= start }.map(\.who)).count == 6)
        }
    }

    @Test(
        "A ledger that does not answer is given up after the patience, though no call has failed", .tags(.threads))
    func unanswered() async throws {
        try await Bench(.minute(100), configuration: .init()).running { bench in
            bench.ledger.stall([.exchange])
            let start = bench.clock.now
            _ = try await bench.call()
            #expect(bench.coordinator.statistics.isInFallback)
            #expect(start.duration(to: bench.clock.now) < .seconds(1))
            bench.ledger.stall([])
        }
    }

    @Test("Policies: to wait, to fail, and to know no limit")
    func policies() async throws {
        for policy in [RateCoordinator.LedgerOutagePolicy.wait, .fail, .unlimited] {
            var configuration = RateCoordinator.Configuration()
            configuration.ledgerOutagePolicy = policy
            try await Bench(.minute(10), configuration: configuration).running { bench in
                bench.ledger.cut(true)
                let start = bench.clock.now
                switch policy {
                case .unlimited:
                    let full = LimitReading(
                        scope: .product, name: .throttle, window: .rolling(.seconds(60)), limit: 10, used: 10,
                        available: 0)
                    for _ in 0..<50 { _ = try await bench.call(reading: VendorReading(status: 200, readings: [full])) }
                    #expect(bench.coordinator.statistics.grantedInFallback >= 49)
                case .share, .wait, .fail:
                    let error = await #expect(throws: RateLimitError.self) {
                        _ = try await bench.call(timeout: .seconds(20))
                    }
                    #expect(error?.code == .ledgerUnavailable)
                    let waited = start.duration(to: bench.clock.now)
                    #expect(policy == .fail ? waited < .seconds(2) : waited >= .seconds(20))
                    #expect(bench.coordinator.statistics.grantedInFallback == 0)
                }
                bench.ledger.cut(false)
                await bench.pass(.seconds(5))
            }
        }
    }

    @Test("A coordinator that never reached its ledger knows no share, and waits")
    func neverReached() async throws {
        let bench = try Bench(.minute(100), configuration: .init())
        bench.ledger.cut(true)
        try await bench.running(learns: false) { bench in
            let error = await #expect(throws: RateLimitError.self) { _ = try await bench.call(timeout: .seconds(5)) }
            #expect(error?.code == .ledgerUnavailable)
            #expect(!bench.coordinator.statistics.isInFallback)
        }
    }

    @Test("Headers are read: if others use the limit up, the share is not used")
    func headers() async throws {
        try await Bench(.minute(100), configuration: .init()).running { bench in
            bench.ledger.cut(true)
            _ = try await bench.call()
            func reading(used: Int) -> VendorReading {
                VendorReading(
                    status: 200,
                    readings: [
                        LimitReading(
                            scope: .product, name: .throttle, window: .rolling(.seconds(60)), limit: 100, used: used,
                            available: 100 - used)
                    ])
            }
            _ = try await bench.call(reading: reading(used: 98))
            let granted = bench.coordinator.statistics.grantedInFallback
            let error = await #expect(throws: RateLimitError.self) {
                for used in 99..<105 { _ = try await bench.call(timeout: .seconds(5), reading: reading(used: used)) }
            }
            #expect(error?.limit == LimitReference(.product, .throttle))
            #expect(bench.coordinator.statistics.grantedInFallback == granted + 2)
        }
    }

    @Test("Of a day each has what it used and its part of what was left, until the day rolls over")
    func day() async throws {
        let cluster = FallbackCluster(4, try .day(100))
        try await cluster.running(callers: 0) { cluster in
            for _ in 0..<37 { _ = try await cluster.benches[0].call() }
            await cluster.pass(.seconds(6))
            cluster.cut(true)
            for bench in cluster.benches {
                let granted = Record<Int>()
                let error = await #expect(throws: RateLimitError.self) {
                    for call in 0..<100 {
                        _ = try await bench.call(timeout: .seconds(5))
                        granted.add(call)
                    }
                }
                #expect(error?.limit == LimitReference(.product, .quota) && error?.code == .exhausted)
                #expect(granted.all.count == 15)
            }
        }
    }

    @Test("What ended in fallback leaves the window a minute later, though nobody asked for anything meanwhile")
    func settles() async throws {
        try await Bench(.minute(20), configuration: .init()).running { bench in
            bench.ledger.cut(true)
            for _ in 0..<17 { _ = try await bench.call() }
            await bench.pass(.seconds(62))
            let start = bench.clock.now
            for _ in 0..<20 { _ = try await bench.call() }
            #expect(start.duration(to: bench.clock.now) < .seconds(5))
            #expect(bench.coordinator.statistics.isInFallback)
        }
    }

    @Test("An operator's hold goes on in fallback")
    func hold() async throws {
        try await Bench(.minute(100), configuration: .init()).running { bench in
            try await bench.memory.hold(for: .seconds(30), in: bench.coordinator.group)
            let caller = Task { [coordinator = bench.coordinator] in
                try await coordinator.acquire(timeout: .never).complete(VendorReading(status: 200))
            }
            await bench.pass(.seconds(1))
            bench.ledger.cut(true)
            await bench.pass(.seconds(10))
            #expect(bench.coordinator.statistics.isInFallback && bench.coordinator.statistics.grantedInFallback == 0)
            _ = try await bench.finish(caller)
            #expect(bench.coordinator.statistics.grantedInFallback == 1)
        }
    }
}
