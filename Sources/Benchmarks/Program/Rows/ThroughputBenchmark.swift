// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import Headroom
import HeadroomRedis
import RedisClient

/// Permits a second through one process at a very high limit, against a limiter that calls a script for each.
struct ThroughputBenchmark: Benchmark {
    static let name = "throughput"
    static let summary = "permits a second through one process, 64 tasks, against one script a call"

    private static let tasks = 64

    /// What a limiter without a pool does for each call: the generic cell rate algorithm, 1,000,000 a second.
    private static let gcra = RedisScript(
        source: Array(
            """
            local time = redis.call('TIME')
            local now = time[1] * 1000000 + time[2]
            local spacing, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
            local next = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
            if next - now > burst then return { 0, next - now - burst } end
            redis.call('SET', KEYS[1], string.format('%.0f', next + spacing), 'PX', 60000)
            return { 1, 0 }
            """.utf8))

    func run(_ bench: Bench) async throws -> Findings {
        try await bench.admin.empty()
        try await bench.admin.load(Self.gcra)
        let connection = bench.connect(bench.network)
        _ = try await connection.send(RedisCommand("PING"))
        let ledger = CountingLedger(RedisLedger(bench.connect(bench.network)))
        let coordinator = Coordinators.make("bench-throughput", try Coordinators.endlessPlan(), ledger)
        return try await Coordinators.with(coordinator) { try await measure(bench, $0, ledger, connection) }
    }

    private func measure(
        _ bench: Bench, _ coordinator: RateCoordinator, _ ledger: CountingLedger, _ connection: RedisConnection
    ) async throws -> Findings {
        try await Coordinators.pairs(64_000, coordinator, tasks: Self.tasks)
        let span = try await Coordinators.time { try await Coordinators.pairs(64_000, coordinator, tasks: Self.tasks) }
        let count = max(6_400, Int(64_000 * 0.2e9 / span) / 64 * 64)
        let calls = 12_800
        var before = ledger.counts
        let pairs = try await Measurement(rounds: bench.pick(20, quick: 8))(
            baseline: { try await Self.rate(calls) { try await Self.askEach(calls, connection) } },
            subject: {
                try await Coordinators.pairs(count / 8, coordinator, tasks: Self.tasks)
                before = ledger.counts
                return try await Self.rate(count) {
                    try await Coordinators.pairs(count, coordinator, tasks: Self.tasks)
                }
            })
        let after = ledger.counts
        let trips = 1000 * Double(after.trips - before.trips) / Double(count)
        return Findings(rows: [
            Row(
                "throughput.permits", "permits a second through one process, 64 tasks", pairs, .perSecond,
                target: .ratio(atLeast: 20),
                note: "baseline: a GCRA script for each call over the same kind of connection"),
            Row(
                "trips.high", "round trips per 1000 calls at a high limit", Spread(trips), .count,
                target: .measured(atMost: 5), note: "of the last round, by one process of 64 tasks"),
        ])
    }

    private static func rate(_ count: Int, _ body: () async throws -> Void) async throws -> Double {
        Double(count) / (try await Coordinators.time(body)) * 1e9
    }

    /// One script a call, as many tasks at once.
    @concurrent
    private static func askEach(_ count: Int, _ connection: RedisConnection) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    for _ in 0..<(count / tasks) {
                        var arguments = RedisArguments(capacity: 32)
                        arguments.append(integer: 1)
                        arguments.append(integer: 1_000_000)
                        _ = try await connection.run(gcra, keys: ["bench-gcra"], arguments: arguments)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
