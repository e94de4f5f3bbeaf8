// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import Headroom
import HeadroomRedis

/// Round trips while everybody waits: Keap's rate, eight coordinators that want more than there is.
struct TripsBenchmark: Benchmark {
    static let name = "trips"
    static let summary = "round trips per 1000 calls at Keap's rate, saturated"

    private static let tasks = 8

    func run(_ bench: Bench) async throws -> Findings {
        let seconds = bench.pick(20, quick: 8)
        bench.say("round trips at Keap's rate, \(seconds) s")
        try await bench.admin.empty()
        let ledgers = (0..<8).map { _ in CountingLedger(RedisLedger(bench.address)) }
        let coordinators = ledgers.map { Coordinators.make("bench-trips", .keapOAuth, $0) }
        let greedy = GreedyCalls(tasks: Self.tasks) { _ in
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...30)))
            return VendorReading(status: 200)
        }
        let calls = try await Coordinators.with(coordinators) { coordinators in
            // The first calls of a new account are probes; they are not counted.
            try await greedy.run(coordinators, warmUp: .seconds(2), for: .seconds(seconds)) {
                for ledger in ledgers { ledger.reset() }
            }.reduce(0, +)
        }
        let counts = ledgers.map(\.counts)
        let trips = counts.reduce(0) { $0 + $1.trips }
        let heartbeats = counts.reduce(0) { $0 + $1.heartbeats }
        guard calls > 0 else { throw BenchmarkFailure("no call was made in \(seconds) s") }
        return Findings(rows: [
            Row(
                "trips.keap", "round trips per 1000 calls at Keap's rate, saturated",
                Spread(1000 * Double(trips) / Double(calls)), .count, target: .measured(atMost: 1100),
                note: "\(calls) calls in \(seconds) s by 8 coordinators of \(Self.tasks) tasks each, "
                    + "\(heartbeats) heartbeats not counted")
        ])
    }
}
