// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import CBaselines
import Headroom
import HeadroomRedis
import RedisClient

/// The connection by itself, against synchronous and asynchronous C: latency, throughput, processor time.
struct ConnectionBenchmark: Benchmark {
    static let name = "connection"
    static let summary = "the connection by itself: one at a time, 64 and 512 in flight, processor time of a call"

    private static let trivial = RedisScript(source: Array("return 1".utf8))

    func run(_ bench: Bench) async throws -> Findings {
        var findings = Findings()
        let ledger = RedisLedger(bench.connect(bench.network))
        for isExchange in [false, true] {
            try await bench.admin.empty()
            try await bench.admin.load(Self.trivial)
            var source = Source(
                fixtures: try await fixtures(isExchange ? 512 : 1, ledger), trivial: isExchange ? nil : Self.trivial)
            bench.say("the connection, \(source.name)")
            findings.rows.append(try await oneAtATime(bench, &source))
            for inFlight in [64, 512] {
                findings.rows += try await inFlightRows(bench, &source, inFlight)
            }
            try await source.check(ledger)
        }
        return findings
    }

    private func fixtures(_ count: Int, _ ledger: RedisLedger) async throws -> [AccountFixture] {
        let plan = try Coordinators.endlessPlan()
        var fixtures: [AccountFixture] = []
        for name in ["bench-ours", "bench-c"] {
            fixtures.append(try await AccountFixture(name, plan, instances: count, ledger))
        }
        return fixtures
    }

    private func oneAtATime(_ bench: Bench, _ source: inout Source) async throws -> Row {
        // Short rounds: what disturbs the machine for a moment disturbs one of them, not all.
        let count = 250
        let client = try SyncClient(.port(bench.port))
        let connection = bench.connect(bench.network)
        _ = try await connection.send(RedisCommand("PING"))
        var pairs = Pairs()
        for round in 0...bench.pick(24, quick: 8) {
            let list = CommandList(source.next(count, .c, inFlight: 1).map(\.words))
            let bare = Samples(try client.run(list)).median / 1000
            let ours =
                Samples(try await Self.oneByOne(source.next(count, .ours, inFlight: 1), connection)).median / 1000
            if round > 0 { pairs.add(baseline: bare, subject: ours) }
        }
        return Row(
            "connection.\(source.name).one", "connection, \(source.title), one at a time, p50", pairs, .microseconds,
            target: source.isTrivial ? nil : .ratio(atMost: 1.3), note: "baseline: synchronous hiredis in C")
    }

    private func inFlightRows(_ bench: Bench, _ source: inout Source, _ inFlight: Int) async throws -> [Row] {
        let count = source.isTrivial ? 32_768 : 8_192
        let connection = bench.connect(bench.network)
        _ = try await connection.send(RedisCommand("PING"))
        var (rates, costs) = (Pairs(), Pairs())
        for round in 0...bench.pick(15, quick: 5) {
            let bare = try Self.runInC(
                bench, CommandList(source.next(count, .c, inFlight: inFlight).map(\.words)), inFlight)
            let calls = source.next(count, .ours, inFlight: inFlight)
            let (begin, used) = (Clock.now(), Clock.processor())
            try await Self.runOurs(calls, connection, inFlight: inFlight)
            let (elapsed, cost) = (Double(Clock.now() - begin), Double(Clock.processor() - used))
            guard round > 0 else { continue }
            let number = Double(count)
            rates.add(baseline: number / Double(bare.elapsed) * 1e9, subject: number / elapsed * 1e9)
            costs.add(baseline: Double(bare.processor) / number / 1000, subject: cost / number / 1000)
        }
        let id = "connection.\(source.name).\(inFlight)"
        let isPromised = inFlight == 64 && !source.isTrivial
        return [
            Row(
                id, "connection, \(source.title), \(inFlight) in flight", rates, .perSecond,
                target: isPromised ? .ratio(atLeast: 0.95) : nil, isMoreBetter: true,
                note: "baseline: asynchronous hiredis in C"),
            Row(
                "\(id).cpu", "  processor time of a call", costs, .microseconds,
                target: isPromised ? .measured(atMost: 2) : nil),
        ]
    }

    private static func runInC(_ bench: Bench, _ list: CommandList, _ inFlight: Int) throws -> baseline_result {
        let result = RedisPlace.port(bench.port).with {
            baseline_run_asynchronous($0, list.commands, list.count, inFlight)
        }
        guard result.answered == list.count else {
            throw BenchmarkFailure("asynchronous C got \(result.answered) answers of \(list.count)")
        }
        return result
    }

    @concurrent
    private static func oneByOne(_ calls: [ScriptCall], _ connection: RedisConnection) async throws -> [Double] {
        var spans: [Double] = []
        spans.reserveCapacity(calls.count)
        for call in calls {
            let begin = Clock.now()
            _ = try await connection.run(call.script, keys: call.keys, arguments: call.arguments)
            spans.append(Double(Clock.now() - begin))
        }
        return spans
    }

    /// As many tasks as are to be in flight, each with its part of the calls.
    @concurrent
    private static func runOurs(_ calls: [ScriptCall], _ connection: RedisConnection, inFlight: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for first in 0..<inFlight {
                group.addTask {
                    for index in stride(from: first, to: calls.count, by: inFlight) {
                        let call = calls[index]
                        _ = try await connection.run(call.script, keys: call.keys, arguments: call.arguments)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Calls for both sides, of the same kind: a script that does nothing, or exchanges of accounts of their own.
    private struct Source {
        enum Side: Int { case ours, c }

        var fixtures: [AccountFixture]
        let trivial: RedisScript?
        private var made = [0, 0]

        init(fixtures: [AccountFixture], trivial: RedisScript?) { (self.fixtures, self.trivial) = (fixtures, trivial) }

        var isTrivial: Bool { trivial != nil }
        var name: String { isTrivial ? "trivial" : "exchange" }
        var title: String { isTrivial ? "a script that does nothing" : "the exchange" }

        /// The i-th call is of instance i modulo `inFlight`: it never overtakes the one before it of the same instance.
        mutating func next(_ count: Int, _ side: Side, inFlight: Int) -> [ScriptCall] {
            if let trivial { return Array(repeating: ScriptCall(trivial), count: count) }
            made[side.rawValue] += count
            let group = fixtures[side.rawValue].group
            return (0..<count).map { ScriptCall(fixtures[side.rawValue].next(of: $0 % inFlight), in: group) }
        }

        func check(_ ledger: RedisLedger) async throws {
            guard !isTrivial else { return }
            for (fixture, made) in zip(fixtures, made) { try await fixture.check(spentAtLeast: made, ledger) }
        }
    }
}
