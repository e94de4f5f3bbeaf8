// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation

/// The command that runs a soak and writes its report.
struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Breaks things under load, and holds the accounts against each other.")

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
        help: ArgumentHelp(
            "How long a worker may be away from Redis before it counts as gone: seconds, 1 to 60.",
            valueName: "seconds"))
    var timeToLive = 10

    @Option(help: ArgumentHelp("Writes the result there as JSON.", valueName: "file"))
    var json: String?

    func validate() throws {
        do { _ = try options } catch { throw ValidationError("\(error)") }
    }

    func run() async throws {
        // Writing to a worker that is gone must not end this process.
        signal(SIGPIPE, SIG_IGN)
        let options = try options
        try await Self.awaitRoomInDay(options.seconds)
        let soak = Task { try await SoakRun(options: options).run() }
        let signals = StopSignals { _ in soak.cancel() }
        let report = try await soak.value
        withExtendedLifetime(signals) {}
        if let json { try Data(JSONText.pretty(report).utf8).write(to: URL(fileURLWithPath: json)) }
        let paint = Paint.of(terminal: StandardOutput.isTerminal)
        StandardOutput.write(report.lines(paint: paint).joined(separator: "\n") + "\n")
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

    /// Waits for the next UTC day if too little is left of this one: the account is that of a day.
    private static func awaitRoomInDay(_ seconds: Double) async throws {
        let left = 86_400 - Date().timeIntervalSince1970.truncatingRemainder(dividingBy: 86_400)
        guard left < seconds + 120 else { return }
        StandardError.write("the day ends in \(Int(left)) s: waiting for the next one\n")
        try await Task.sleep(for: .seconds(left + 1))
    }
}
