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
            let note = "the slowest of \(seen.answers.count) answers to PING from another process, one every 2 ms"
            rows += [
                Row(
                    "rejoin.\(id)", "\(size) coordinators, \(title): together again after",
                    Spread(seen.joins.last ?? 0), .microseconds, target: .measured(atMost: 5_000_000)),
                Row("rejoin.\(id).half", "  half of them", Spread(Samples(seen.joins).median), .microseconds),
                Row(
                    "rejoin.\(id).answer", "  Redis' slowest answer meanwhile", Spread(seen.answers.max() ?? 0),
                    .microseconds, target: .measured(atMost: 50_000), note: note),
                Row(
                    "rejoin.\(id).before", "  its slowest answer before", Spread(seen.answersBefore.max() ?? 0),
                    .microseconds),
                Row("rejoin.\(id).join", "  server time of a script's call then", Spread(seen.script), .microseconds),
            ]
        }
        return Findings(rows: rows)
    }

    private struct Seen {
        /// How long after the account was lost each coordinator had joined again, in order. Microseconds.
        var joins: [Double]
        /// How long each PING took, after the account was lost and before. Microseconds.
        var answers: [Double]
        var answersBefore: [Double]
        /// Server time of a call, joins and exchanges together. Microseconds.
        var slowest = 0.0
        var cpu = 0.0
        var script: Double
    }

    private func run(_ size: Int, _ tasks: Int, _ bench: Bench) async throws -> Seen {
        try await bench.admin.empty()
        let order = FleetOrder(
            socket: bench.socket, clientID: "bench-rejoin", rate: .keap, coordinators: 0,
            sharesConnection: true, tasks: tasks,
            warmUp: Self.warmUp, seconds: Self.after)
        let fleet = try await Fleet(order, size)
        defer { fleet.stop() }
        fleet.go()
        let pings = try Pings(bench.socket)
        try await Task.sleep(for: .seconds(Self.warmUp))
        try await bench.admin.forgetCalls()
        let cpu0 = try await bench.admin.processorTime()
        let lostAt = Clock.now()
        try await bench.admin.empty()
        // Before the fleet ends, whose instances then leave one by one.
        try await Task.sleep(for: .seconds(Self.after - 0.5))
        let (answers, calls) = (pings.end(), try await bench.admin.scriptCalls())
        let cpu = try await bench.admin.processorTime() - cpu0
        bench.say("calls \(calls) cpu \(cpu) slowest \(try await bench.admin.slowest())")
        let here = try await RedisLedger(bench.connect(bench.address)).status(tenants: [], in: bench.group(order))
        let results = try await fleet.results()
        let joins = results.flatMap(\.joinedAt).map { Double($0 - lostAt) / 1000 }.sorted()
        guard joins.count == size, joins[0] > 0, here?.instances.count == size else {
            throw BenchmarkFailure(
                "\(joins.count { $0 <= 0 }) of \(size) coordinators did not join again, Redis knows "
                    + "\(here?.instances.count ?? 0)")
        }
        return Seen(
            joins: joins, answers: answers.filter { $0.at >= lostAt }.map(\.span),
            answersBefore: answers.filter { $0.at < lostAt }.map(\.span),
            slowest: Double(try await bench.admin.slowest()), cpu: cpu, script: calls.microseconds / Double(max(1, calls.calls)))
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
    struct Answer: Sendable {
        /// When it was asked, by ``Clock/now()``.
        let at: Int64
        /// Microseconds.
        let span: Double
    }

    private struct State {
        var answers: [Answer] = []
        var isEnded = false
    }

    private let state = Mutex(State())

    init(_ socket: String) throws {
        let client = try SyncClient(.socket(socket))
        Thread.detachNewThread {
            let ping = CommandList([[Array("PING".utf8)]])
            while !self.state.withLock({ $0.isEnded }) {
                let at = Clock.now()
                guard let span = try? client.run(ping).first else { return }
                self.state.withLock { $0.answers.append(Answer(at: at, span: span / 1000)) }
                usleep(2_000)
            }
        }
    }

    /// Ends the thread. Returns all answers.
    func end() -> [Answer] {
        state.withLock { state in
            state.isEnded = true
            return state.answers
        }
    }
}
