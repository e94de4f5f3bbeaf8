// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BenchmarkHarness
import CommandLine
import Foundation
import HeadroomRedis
import RedisClient

/// The command that runs the benchmarks and writes what they measured.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the benchmarks.")

    @Option(help: ArgumentHelp("The socket file of a Redis that nobody else uses; it is emptied.", valueName: "path"))
    var socket: String

    @Flag(help: "Fewer and shorter rounds: less than two minutes.")
    var quick = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("One benchmark and no other; may be given several times.", valueName: "name"))
    var only: [String] = []

    @Flag(help: "The fleet of 10, 100, 200 and 1000 coordinators, and nothing else unless --only names it.")
    var fleet = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Writes the result there as JSON; may be given several times.", valueName: "file"))
    var json: [String] = []

    @Option(help: ArgumentHelp("Shows what changed since an earlier result.", valueName: "file"))
    var compare: String?

    @Flag(help: "Ends with status 1 if a target is missed.")
    var strict = false

    func validate() throws {
        let names = BenchCommand.all.map { $0.name }
        for name in only where !names.contains(name) {
            throw ValidationError("no benchmark '\(name)'; there are: \(names.joined(separator: ", "))")
        }
    }

    func run() async throws {
        // Writing to a process of the fleet that is gone must not end this one.
        signal(SIGPIPE, SIG_IGN)
        let before = try compare.map { try BenchmarkReport(json: Data(contentsOf: URL(fileURLWithPath: $0))) }
        let (report, isWhole) = try await measure()
        for path in json { try report.json().write(to: URL(fileURLWithPath: path)) }
        let paint = Paint.of(terminal: StandardOutput.isTerminal)
        var lines = report.lines(paint: paint)
        if let before { lines += [""] + report.lines(comparedWith: before, paint: paint) }
        StandardOutput.write(lines.joined(separator: "\n") + "\n")
        if !isWhole || (strict && report.rows.contains { $0.isMet == false }) { throw ExitCode(1) }
    }

    /// What was measured, and whether that is all. One that fails does not end the others.
    private func measure() async throws -> (BenchmarkReport, isWhole: Bool) {
        let bench = try await prepare()
        var isWhole = true
        var report = BenchmarkReport(
            date: Date().ISO8601Format(), machine: Self.machine, isQuick: quick)
        for benchmark in chosen {
            let type = Swift.type(of: benchmark)
            StandardError.write("\(type.name): \(type.summary)\n")
            do {
                let findings = try await benchmark.run(bench)
                report.rows += findings.rows
                report.fleet += findings.fleet
            } catch {
                StandardError.write("\(type.name) FAILED: \(error)\n")
                isWhole = false
            }
        }
        return (report, isWhole)
    }

    private var chosen: [any Benchmark] {
        let all: [any Benchmark] = BenchCommand.all.map {
            $0 == FleetBenchmark.self ? FleetBenchmark(isWhole: fleet) : $0.init()
        }
        let names = only + (fleet ? [FleetBenchmark.name] : [])
        return names.isEmpty ? all : all.filter { names.contains(type(of: $0).name) }
    }

    private func prepare() async throws -> Bench {
        var options = RedisConnectionOptions(address: RedisAddress(.unix(path: socket)))
        options.commandTimeout = .seconds(30)
        let admin = RedisAdmin(connection: RedisConnection(options: options))
        // As an operator does: what is measured calls functions.
        _ = try await admin.connection.loadLibrary(LedgerScript.library)
        return Bench(socket: socket, port: try await admin.listen(), admin: admin, isQuick: quick)
    }

    private static var machine: String {
        "\(ProcessInfo.processInfo.operatingSystemVersionString), \(ProcessInfo.processInfo.activeProcessorCount) cores"
    }
}
