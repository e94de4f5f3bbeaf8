// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness

/// Something that is measured: it makes rows of the result.
protocol Benchmark: Sendable {
    /// Its name for `--only`.
    static var name: String { get }
    /// What it measures, in a few words.
    static var summary: String { get }

    init()
    func run(_ bench: Bench) async throws -> Findings
}

/// The findings of a benchmark.
struct Findings: Sendable {
    var rows: [Row] = []
    var fleet: [FleetLine] = []
}

/// The reason why a measurement would mean nothing.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
