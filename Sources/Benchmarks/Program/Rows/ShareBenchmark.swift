// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import CommandLine
import Headroom
import HeadroomRedis
import KeapSimulator

/// The share of the allowance that greedy workers use, with a shorter minute. `Scripts/measure` has the whole ones.
struct ShareBenchmark: Benchmark {
    static let name = "share"
    static let summary = "share of the allowance and 429s, against a simulated vendor with a shorter minute"

    func run(_ bench: Bench) async throws -> Findings {
        let (window, windows) = bench.pick((20, 2), quick: (8, 2))
        bench.say(
            "share of the allowance: windows of \(window) s, two runs of \(window * windows + window / 2) s at once")
        try await bench.admin.empty()
        async let throttle = measure(hasSpike: false, window, windows, bench)
        async let spike = measure(hasSpike: true, window, windows, bench)
        return Findings(rows: try await throttle + spike)
    }

    private func measure(hasSpike: Bool, _ window: Int, _ windows: Int, _ bench: Bench) async throws -> [Row] {
        let vendor = try SimulatedVendor(capacity: 25 * window, window: .seconds(window), hasSpike: hasSpike)
        var limits = [try Limit(.throttle, capacity: 25 * window, window: .rolling(.seconds(window)))]
        if hasSpike { limits.append(try Limit(.spike, capacity: 25, window: .paced(.seconds(1)))) }
        let plan = try Plan(name: hasSpike ? "spike" : "throttle", productLimits: limits)
        let coordinators = (0..<8).map { _ in
            Coordinators.make("bench-share-\(plan.name)", plan, RedisLedger(bench.address))
        }
        let greedy = GreedyCalls(tasks: 8) { _ in try await vendor.call() }
        _ = try await Coordinators.with(coordinators) { coordinators in
            try await greedy.run(coordinators, for: .seconds(window * windows + window / 2 + 1))
        }
        let calls = vendor.calls
        let rejected = Double(calls.rejected) / Double(max(1, calls.rejected + calls.accepted.count))
        // From the middle of the first window on, as many whole ones.
        let first = calls.accepted.first ?? 0
        let start = first + Int64(window) * 500_000
        let end = start + Int64(window * windows) * 1_000_000
        let used = calls.accepted.count { $0 >= start && $0 < end }
        let share = Double(used) / Double(25 * window * windows)
        let scaled =
            "scaled: \(25 * window) calls per \(window) s, \(windows) windows; what is lost between two windows weighs "
            + "\(NumberText.plain(60 / Double(window))) times as much; Scripts/measure has the whole ones"
        // Bursts that come ever later would not show in whole windows: how long as many calls took as the windows hold.
        let last = min(25 * window * windows, calls.accepted.count - 1)
        let span = last > 0 ? Double(calls.accepted[last] - first) / 1e6 : .infinity
        let (id, title) = hasSpike ? ("spike", "with the spike") : ("throttle", "without the spike")
        return [
            Row(
                "share.\(id)", "share of the allowance, \(title)", Spread(share), .share,
                target: .measured(atLeast: hasSpike ? 0.93 : 0.995), note: scaled),
            Row(
                "share.\(id).time", "  by the time that it took", Spread(Double(last) / 25 / span), .share,
                isMoreBetter: true, note: "\(last) calls in \(NumberText.plain(span)) s"),
            Row(
                "share.\(id).429", "  429s", Spread(rejected), .share, target: .measured(atMost: hasSpike ? 0.002 : 0),
                note: "\(calls.rejected) of \(calls.rejected + calls.accepted.count) calls"),
        ]
    }
}
