// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BenchmarkHarness
import Foundation
import HeadroomRedis

/// The program that measures what the project promises, each against a baseline of the same run.
@main
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "headroom-bench", abstract: "Measures Headroom against baselines of the same run.",
        discussion: """
            Needs a Redis that nobody else uses: it is emptied. Scripts/bench starts one.

            Benchmarks: \(Self.all.map { "\($0.name) (\($0.summary))" }.joined(separator: "; ")).
            """,
        subcommands: [RunCommand.self, FleetWorkerCommand.self],
        defaultSubcommand: RunCommand.self)

    static let all: [any Benchmark.Type] = [
        PoolBenchmark.self, AcquireBenchmark.self, ConnectionBenchmark.self, ThroughputBenchmark.self,
        TripsBenchmark.self, ScriptBenchmark.self, MemoryBenchmark.self, JournalBenchmark.self, JoinBenchmark.self,
        ShareBenchmark.self, RejoinBenchmark.self, FleetBenchmark.self,
    ]
}
