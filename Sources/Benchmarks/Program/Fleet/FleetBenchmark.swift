// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import CommandLine
import Headroom

/// Many coordinators on one budget, in processes of at most 50: what they cost Redis, and how evenly they share.
struct FleetBenchmark: Benchmark {
    static let name = "fleet"
    static let summary = "many coordinators on one budget: Redis' processor, round trips, latency, fairness"

    /// 10 and 50 for a short while, or up to 1000 as long as the rules are about.
    private let isWhole: Bool

    init() { isWhole = false }
    init(isWhole: Bool) { self.isWhole = isWhole }

    func run(_ bench: Bench) async throws -> Findings {
        var findings = Findings()
        let sizes = isWhole ? bench.pick([10, 100, 200, 1000], quick: [10, 100]) : bench.pick([10, 50], quick: [10])
        for rate in FleetRate.allCases {
            for size in sizes {
                let line = try await run(rate, size, bench)
                findings.fleet.append(line)
                findings.rows += Self.rows(line, rate)
            }
        }
        return findings
    }

    private func seconds(_ rate: FleetRate, _ bench: Bench) -> Double {
        switch (rate, isWhole) {
        case (.keap, true): bench.pick(60, quick: 15)
        case (.keap, false): bench.pick(15, quick: 6)
        case (.fast, true): bench.pick(10, quick: 5)
        case (.fast, false): bench.pick(6, quick: 3)
        }
    }

    private func run(_ rate: FleetRate, _ size: Int, _ bench: Bench) async throws -> FleetLine {
        let seconds = seconds(rate, bench)
        bench.say("\(size) coordinators, \(try rate.plan.name), \(Int(seconds)) s")
        try await bench.admin.empty()
        let order = FleetOrder(
            socket: bench.socket, clientID: "bench-fleet", rate: rate, coordinators: 0, tasks: rate.tasks(size),
            warmUp: isWhole ? 3 : 2, seconds: seconds)
        let fleet = try await Fleet(order, size)
        defer { fleet.stop() }
        fleet.go()
        try await Task.sleep(for: .seconds(order.warmUp))
        let (begin, used) = (Clock.now(), try await bench.admin.processorTime())
        // The keys are looked at while all are there, after the processor's time.
        try await Task.sleep(for: .seconds(seconds - 1))
        let share = (try await bench.admin.processorTime() - used) / (Double(Clock.now() - begin) / 1e9)
        let memory = try await bench.admin.memory()
        let budget = try await bench.admin.memory(ofKeys: "headroom:*").values.reduce(0, +)
        let results = try await fleet.results()
        return Self.line(try rate.plan.name, size, seconds, results, (share, memory, Double(budget)), bench)
    }

    private static func line(
        _ plan: String, _ size: Int, _ seconds: Double, _ results: [FleetResult],
        _ redis: (share: Double, memory: Double, budget: Double), _ bench: Bench
    ) -> FleetLine {
        func sum(_ field: (FleetResult) -> Int) -> Int { results.reduce(0) { $0 + field($1) } }
        let failures = sum(\.failures)
        if failures > 0 { bench.say("\(failures) exchanges failed") }
        return FleetLine(
            plan: plan, coordinators: size, seconds: seconds, calls: results.flatMap(\.calls), redisShare: redis.share,
            redisMemory: redis.memory, budgetMemory: redis.budget,
            tripsPerCall: Double(sum(\.trips)) / Double(max(1, sum(\.granted))), heartbeats: sum(\.heartbeats),
            exchanges: Samples(results.flatMap(\.exchanges)))
    }

    private static func rows(_ line: FleetLine, _ rate: FleetRate) -> [Row] {
        let id = "fleet.\(rate.rawValue).\(line.coordinators)"
        // With fewer calls each, whole numbers make the index low.
        let isEnough = Double(line.calls) / Double(line.coordinators) >= 5
        return [
            Row(
                "\(id).redis", "\(line.coordinators) coordinators, \(line.plan): Redis, of a core",
                Spread(line.redisShare), .share, target: rate == .keap ? .measured(atMost: 0.1) : nil),
            Row(
                "\(id).rate", "  of the budget's rate", Spread(line.rate / rate.perSecond), .share, isMoreBetter: true),
            Row(
                "\(id).trips", "  round trips per call granted", Spread(line.tripsPerCall), .count,
                target: .measured(atMost: 2)),
            Row(
                "\(id).jain", "  Jain's index", Spread(line.fairness), .count,
                target: isEnough ? .measured(atLeast: 0.95) : nil, isMoreBetter: true),
        ]
    }
}
