// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation
import Headroom
import HeadroomRedis
import RedisClient

/// `headroom status`: shows a budget's account.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows a budget's limits, what is used of them, and the instances that share it.",
        discussion: """
            Used is what counts against a limit: calls spent in the window, permits outstanding, and the vendor's excess over \
            both (drift). The cushion is left unused because rejections taught so.

            Examples:
              headroom status --redis redis://127.0.0.1 --client-id my-app --all
              headroom status --client-id my-app --tenant ab123 --watch 2

            \(ProgramStatus.statusHelp)
            """)

    @OptionGroup var redis: RedisOptions

    @Option(name: .customLong("client-id"), help: ArgumentHelp("Whose budget is shown.", valueName: "id"))
    var clientID: String

    @Option(
        name: .customLong("tenant"),
        help: ArgumentHelp("A tenant whose budget is shown as well. Repeatable.", valueName: "name"))
    var tenants: [String] = []

    @Flag(help: "List all instances, not the first \(StatusTable.mostInstances) only.")
    var all = false

    @Flag(help: "Write one JSON object (with --watch: one on each line), and nothing else, to standard output.")
    var json = false

    @Option(help: ArgumentHelp("Show it again every so many seconds, until interrupted.", valueName: "s"))
    var watch: Double?

    func validate() throws {
        do {
            _ = try validTenants()
        } catch {
            throw ValidationError(error.description)
        }
        if let watch, !(0.1...86_400).contains(watch) {
            throw ValidationError("--watch \(watch) is not in 0.1...86400")
        }
    }

    func run() async throws {
        let address = try RedisAddress(try redis.address())
        let ledger = RedisLedger(address, clientName: "headroom-cli")
        while true {
            let status = try await RedisProbe.status(
                of: clientID, tenants: try validTenants(), in: ledger, address: address)
            guard let status else {
                throw CommandFailure(
                    .unknownClient,
                    "Redis at \(address) has no account of client id '\(clientID)'; one comes into being with its first call"
                )
            }
            try show(StatusReport(status, clientID: clientID))
            guard let watch else { return }
            try await Task.sleep(for: .seconds(watch))
        }
    }

    private func show(_ report: StatusReport) throws {
        let isTerminal = StandardOutput.isTerminal
        guard !json else {
            return StandardOutput.write(watch == nil ? try JSONText.pretty(report) + "\n" : try JSONText.line(report))
        }
        let missing = tenants.filter { name in !report.budgets.contains { $0.tenant == name } }
        var lines = StatusTable.lines(report, all: all, paint: .of(terminal: isTerminal))
        lines += missing.map { "tenant \($0): never seen" }
        // On a terminal each table takes the place of the one before.
        let clearing = watch != nil && isTerminal ? "\u{1B}[H\u{1B}[J" : ""
        StandardOutput.write(clearing + lines.map { $0 + "\n" }.joined() + (watch != nil && !isTerminal ? "\n" : ""))
    }

    private func validTenants() throws(OptionError) -> [Tenant] {
        try tenants.map { name throws(OptionError) in
            guard let tenant = Tenant(name) else {
                throw OptionError(
                    "--tenant '\(name)' is not 1 to 128 bytes of printable ASCII without blanks and braces")
            }
            return tenant
        }
    }
}
