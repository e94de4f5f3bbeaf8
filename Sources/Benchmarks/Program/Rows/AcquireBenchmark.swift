// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import CommandLine
import Headroom
import HeadroomRedis

/// `acquire` that has to ask Redis, one at a time, against the same script called by synchronous C.
struct AcquireBenchmark: Benchmark {
    static let name = "acquire"
    static let summary = "acquire that needs Redis, against a bare EVALSHA of the same script through hiredis"

    /// At this pace no stock is kept: each call asks.
    private static let pause = Duration.milliseconds(6)
    private static let roundLength = 25

    func run(_ bench: Bench) async throws -> Findings {
        var findings = Findings()
        findings.rows.append(try await row("acquire.tcp", "acquire that needs Redis, one at a time, p50", .port, bench))
        findings.rows.append(try await row("acquire.socket", "  over a socket file", .socket, bench))
        return findings
    }

    private enum Way { case port, socket }

    private func row(_ id: String, _ title: String, _ way: Way, _ bench: Bench) async throws -> Row {
        bench.say("acquire over \(way == .port ? "a port" : "a socket file")")
        try await bench.admin.empty()
        let address = way == .port ? bench.network : bench.address
        let plan = try Coordinators.endlessPlan()
        let ledger = RedisLedger(bench.connect(address))
        var fixture = try await AccountFixture("bench-bare", plan, instances: 1, ledger)
        let rounds = bench.pick(way == .port ? 16 : 8, quick: 6)
        let list = CommandList(fixture.calls((rounds + 1) * Self.roundLength).map(\.words))
        let client = try SyncClient(way == .port ? .port(bench.port) : .socket(bench.socket))
        let coordinator = Coordinators.make("bench-acquire", plan, ledger)
        let run = Run(client: client, list: list, rounds: rounds)
        let (pairs, asked) = try await Coordinators.with(coordinator) { try await run.measure($0) }
        try await fixture.check(spentAtLeast: list.count, ledger)
        return Row(
            id, title, pairs, .microseconds, target: way == .port ? .ratio(atMost: 1.3) : nil,
            note: "\(NumberText.fixed(100 * asked, decimals: 0)) % of the acquires made an exchange; baseline: "
                + "redisCommandArgv of the same script")
    }

    /// The calls of both, in turns: a pause before each.
    private struct Run: @unchecked Sendable {
        // Sendable: `list` is only read, and kept alive by this value.
        let client: SyncClient
        let list: CommandList
        let rounds: Int

        /// The p50 of each round, and the share of acquires that made an exchange.
        func measure(_ coordinator: RateCoordinator) async throws -> (Pairs, Double) {
            var pairs = Pairs()
            var place = 0
            for _ in 0..<4 { _ = try await acquire(coordinator) }
            let before = coordinator.statistics.roundTrips
            for round in 0...rounds {
                var (bare, ours): ([Double], [Double]) = ([], [])
                for _ in 0..<AcquireBenchmark.roundLength {
                    try await Task.sleep(for: AcquireBenchmark.pause)
                    bare += try client.run(list, from: place, count: 1)
                    place += 1
                    try await Task.sleep(for: AcquireBenchmark.pause)
                    ours.append(try await acquire(coordinator))
                }
                guard round > 0 else { continue }
                pairs.add(baseline: Samples(bare).median / 1000, subject: Samples(ours).median / 1000)
            }
            let asked = Double(coordinator.statistics.roundTrips - before) / Double(place)
            guard asked > 0.9 else {
                throw BenchmarkFailure(
                    "only \(Int(100 * asked)) % of the acquires asked Redis: the pool served the others")
            }
            return (pairs, min(1, asked))
        }

        private func acquire(_ coordinator: RateCoordinator) async throws -> Double {
            let begin = Clock.now()
            let lease = try await coordinator.acquire()
            let span = Double(Clock.now() - begin)
            _ = lease.complete(VendorReading(status: 200))
            return span
        }
    }
}
