// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation

/// `headroom drive`: makes calls within a budget, from several processes.
struct DriveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drive",
        abstract: "Makes calls to a URL within a budget, from one or more processes.",
        discussion: """
            Each process has a coordinator of its own; the account that they share is in Redis, or with --memory in the one \
            process. A call is sent once: one that is rejected with 429 counts as made. On a terminal progress is shown on \
            standard error; the result is written to standard output.

            Examples:
              headroom drive http://127.0.0.1:8080/ --memory --seconds 60
              headroom drive http://127.0.0.1:8080/ --uncoordinated --processes 4
              headroom drive http://127.0.0.1:8080/ --redis redis://127.0.0.1 \\
                --processes 4 --calls 3000 --limit throttle=300/10s --limit spike=off

            \(ProgramStatus.drivesHelp)
            """)

    @Argument(help: "What is called, with GET: an http or https URL.")
    var url: String

    @OptionGroup(title: "Account") var account: AccountOptions
    @OptionGroup(title: "Budget") var budget: BudgetOptions
    @OptionGroup(title: "Calls") var calls: CallOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        do throws(OptionError) {
            try check()
        } catch {
            throw ValidationError(error.description)
        }
    }

    func run() async throws {
        let order = try order()
        if case .redis(let address) = order.coordination { try await RedisProbe.check(address) }
        var display = ProgressDisplay(seconds: order.seconds, wanted: order.calls)
        var fleet = try Fleet(order.divided(among: calls.processes))
        let outcome = await fleet.run(display: &display)
        let result = DriveResult(outcome.state, interrupted: outcome.interrupted)
        let verdict = DriveVerdict(
            result, wanted: order.calls, isTimed: order.seconds != nil, unreachable: outcome.state.unreachable)
        try write(result)
        let paint = Paint.of(terminal: StandardError.isTerminal)
        for message in verdict.messages { StandardError.write(paint.yellow("headroom: \(message)") + "\n") }
        throw ExitCode(verdict.status.rawValue)
    }

    private func write(_ result: DriveResult) throws {
        if output.json {
            StandardOutput.write(try JSONText.pretty(result) + "\n")
        } else {
            let lines = DriveTable.lines(result, paint: .of(terminal: StandardOutput.isTerminal))
            StandardOutput.write(lines.map { $0 + "\n" }.joined())
        }
    }

    private func check() throws(OptionError) {
        try Self.check(url: url)
        try calls.check()
        _ = try budget.limitedPlan()
        let coordination = try account.coordination(backoff: calls.backoff)
        if case .memory = coordination, calls.processes > 1 {
            throw OptionError("--memory keeps the account in one process: use --processes 1 or --redis")
        }
    }

    /// - Throws: ``OptionError`` if the text is no http or https URL with a host.
    private static func check(url text: String) throws(OptionError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty
        else { throw OptionError("'\(text)' is not a URL such as https://api.example.com/path") }
    }

    private func order() throws(OptionError) -> DriveOrder {
        DriveOrder(
            process: 1, url: url, coordination: try account.coordination(backoff: calls.backoff),
            clientID: budget.clientID, plan: budget.plan, limits: budget.limits, tenant: calls.tenant,
            label: calls.label, priority: calls.priority, concurrency: calls.concurrency, calls: calls.calls,
            seconds: calls.effectiveSeconds, timeoutSeconds: calls.timeout, holdSeconds: calls.hold,
            timeToLiveSeconds: calls.timeToLive, isVerbose: output.verbose)
    }
}

/// What is written.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write the result as one JSON object, and nothing else, to standard output.")
    var json = false

    @Flag(help: "Log more to standard error.")
    var verbose = false
}
