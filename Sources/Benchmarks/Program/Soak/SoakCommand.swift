// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BenchmarkHarness
import Foundation

/// Runs a soak and tells what came of it.
struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak", abstract: "Breaks things under load, and holds the accounts against each other.")

    @Option(help: ArgumentHelp("How long: 90s, 10m, 8h; at most 23 h.", valueName: "span"))
    var duration = "10m"

    @Option(help: "How many workers at one time, 1 to 64.")
    var workers = 8

    @Option(help: "How many calls each of them makes at one time, 1 to 64.")
    var concurrency = 4

    @Option(help: "The start of everything that is by chance. Default: another one each time.")
    var seed: UInt64?

    @Option(help: ArgumentHelp("What to break: names with commas between, all, or none.", valueName: "list"))
    var faults = "all"

    @Option(
        help: ArgumentHelp(
            "The length of the window of the vendor that limits most: seconds, 2 to 60.", valueName: "seconds"))
    var window = 60

    @Option(
        help: ArgumentHelp("After how much silence a worker counts as gone: seconds, 1 to 60.", valueName: "seconds"))
    var timeToLive = 10

    @Option(help: ArgumentHelp("Writes the result there as JSON.", valueName: "file"))
    var json: String?

    func validate() throws {
        do { _ = try options } catch { throw ValidationError("\(error)") }
    }

    func run() async throws {
        // A worker that is gone is told of by its end.
        signal(SIGPIPE, SIG_IGN)
        let options = try options
        try await Self.awaitRoomInDay(options.seconds)
        let soak = Task { try await Soak(options: options).run() }
        let report = try await Self.cancelling(soak) { try await soak.value }
        if let json { try report.json().write(to: URL(fileURLWithPath: json)) }
        StandardStreams.print(report.lines(isColoured: StandardStreams.isColoured).joined(separator: "\n") + "\n")
        if !report.holds { throw ExitCode(1) }
    }

    private var options: SoakOptions {
        get throws(SoakOptionError) {
            let seconds = try Self.seconds(duration)
            for (name, value, range) in [
                ("workers", workers, 1...64), ("concurrency", concurrency, 1...64), ("window", window, 2...60),
                ("time-to-live", timeToLive, 1...60),
            ] where !range.contains(value) {
                throw SoakOptionError("--\(name) \(value) is not in \(range)")
            }
            let options = SoakOptions(
                seconds: seconds, workers: workers, concurrency: concurrency,
                seed: seed ?? UInt64.random(in: 0...UInt64(UInt32.max)),
                kinds: try Self.kinds(faults), window: window, timeToLive: timeToLive)
            guard options.kinds.isEmpty || seconds >= options.shortest else {
                throw SoakOptionError(
                    "--duration \(duration) leaves no time for faults: at least \(Int(options.shortest)) s")
            }
            return options
        }
    }

    private static func kinds(_ text: String) throws(SoakOptionError) -> [FaultKind] {
        switch text {
        case "all": FaultKind.allCases
        case "none": []
        default: try FaultKind.list(text)
        }
    }

    private static func seconds(_ text: String) throws(SoakOptionError) -> Double {
        let units = ["s": 1.0, "m": 60, "h": 3600]
        let unit = text.last.flatMap { units[String($0)] }
        guard let number = Double(unit == nil ? text[...] : text.dropLast()) else {
            throw SoakOptionError("--duration '\(text)' is no span such as 90s, 10m or 8h")
        }
        let seconds = number * (unit ?? 1)
        guard (10...82_800).contains(seconds) else {
            throw SoakOptionError("--duration \(text) is not between 10 s and 23 h")
        }
        return seconds
    }

    /// The account is one of a UTC day: waits for its turn where too little is left of it.
    private static func awaitRoomInDay(_ seconds: Double) async throws {
        let left = 86_400 - Date().timeIntervalSince1970.truncatingRemainder(dividingBy: 86_400)
        guard left < seconds + 120 else { return }
        StandardStreams.tell("the day ends in \(Int(left)) s: waiting for the next one\n")
        try await Task.sleep(for: .seconds(left + 1))
    }

    /// SIGINT and SIGTERM end a task in order while something runs.
    private static func cancelling<Result>(
        _ task: Task<SoakReport, any Error>, _ body: () async throws -> Result
    ) async throws -> Result {
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { task.cancel() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        return try await body()
    }
}

extension SoakReport {
    fileprivate func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(self)
    }
}
