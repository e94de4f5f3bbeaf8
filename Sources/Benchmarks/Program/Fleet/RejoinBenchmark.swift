// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import Foundation
import Headroom
import HeadroomRedis
import HeadroomSupport

/// A whole fleet that finds its account gone: how long until all are together again, and whether Redis answers others
/// meanwhile.
struct RejoinBenchmark: Benchmark {
    static let name = "rejoin"
    static let summary = "1,000 coordinators after FLUSHALL: until all have joined again, and Redis' slowest answer"

    private static let warmUp = 5.0
    /// How long the fleet goes on after it lost its account. Seconds.
    private static let after = 8.0

    func run(_ bench: Bench) async throws -> Findings {
        let size = bench.pick(1_000, quick: 200)
        var rows: [Row] = []
        for (id, title, tasks) in [("busy", "all of which want calls", 2), ("idle", "none of which does", 0)] {
            bench.say("\(size) coordinators, \(title), after FLUSHALL")
            let seen = try await run(size, tasks, bench)
            rows += [
                Row(
                    "rejoin.\(id)", "\(size) coordinators, \(title): together again after",
                    Spread(seen.joins.last ?? 0), .microseconds, target: .measured(atMost: 5_000_000)),
                Row("rejoin.\(id).half", "  half of them", Spread(Samples(seen.joins).median), .microseconds),
                Row(
                    "rejoin.\(id).answer", "  Redis' slowest answer to PING meanwhile", Spread(seen.answers.max() ?? 0),
                    .microseconds, target: .measured(atMost: 50_000),
                    note: "one every 2 ms on a connection of its own, beside the fleet on the same cores: "
                        + "\(seen.answers.count) answers"),
                Row(
                    "rejoin.\(id).call", "  the longest call, by Redis' own clock", Spread(seen.slowest), .microseconds),
                Row("rejoin.\(id).core", "  Redis, of a core", Spread(seen.core), .share),
            ]
        }
        return Findings(rows: rows)
    }

    private struct Seen {
        /// How long after the account was lost each coordinator had joined again, in order. Microseconds.
        var joins: [Double]
        /// How long each PING took after the account was lost. Microseconds.
        var answers: [Double]
        /// The longest time that one call kept Redis busy. Microseconds.
        var slowest: Double
        /// The part of one core that Redis used.
        var core: Double
    }

    private func run(_ size: Int, _ tasks: Int, _ bench: Bench) async throws -> Seen {
        try await bench.admin.empty()
        let order = FleetOrder(
            socket: bench.socket, clientID: "bench-rejoin", rate: .keap, coordinators: 0, sharesConnection: true,
            tasks: tasks, warmUp: Self.warmUp, seconds: Self.after)
        let fleet = try await Fleet(order, size)
        defer { fleet.stop() }
        fleet.go()
        try await Task.sleep(for: .seconds(Self.warmUp))
        try await bench.admin.listSlow()
        let (pings, used, lostAt) = (try Pings(bench.socket), try await bench.admin.processorTime(), Clock.now())
        try await bench.admin.empty()
        // Before the fleet ends, whose instances then leave one by one.
        try await Task.sleep(for: .seconds(Self.after - 0.5))
        let answers = pings.end()
        let core = (try await bench.admin.processorTime() - used) / (Double(Clock.now() - lostAt) / 1e9)
        let slowest = try await bench.admin.slowest()
        let here = try await RedisLedger(bench.connect(bench.address)).status(tenants: [], in: bench.group(order))
        let joins = try await fleet.results().flatMap(\.joinedAt).map { Double($0 - lostAt) / 1000 }.sorted()
        guard joins.count == size, joins[0] > 0, here?.instances.count == size else {
            throw BenchmarkFailure(
                "\(joins.count { $0 <= 0 }) of \(size) coordinators did not join again, Redis knows "
                    + "\(here?.instances.count ?? 0)")
        }
        return Seen(joins: joins, answers: answers, slowest: Double(slowest), core: core)
    }
}

extension Bench {
    fileprivate func group(_ order: FleetOrder) throws -> BudgetGroup {
        guard let group = BudgetGroup(order.clientID) else { throw BenchmarkFailure("no group '\(order.clientID)'") }
        return group
    }
}

/// A thread that asks Redis for a sign of life all the time.
private final class Pings: Sendable {
    private struct State {
        var spans: [Double] = []
        var isEnded = false
    }

    private let state = Mutex(State())

    init(_ socket: String) throws {
        let client = try SyncClient(.socket(socket))
        Thread.detachNewThread {
            let ping = CommandList([[Array("PING".utf8)]])
            while !self.state.withLock({ $0.isEnded }) {
                guard let span = try? client.run(ping).first else { return }
                self.state.withLock { $0.spans.append(span / 1000) }
                usleep(2_000)
            }
        }
    }

    /// Ends the thread. Returns how long each answer took. Microseconds.
    func end() -> [Double] {
        state.withLock { state in
            state.isEnded = true
            return state.spans
        }
    }
}
