// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Headroom

/// The calls: how many are made, and how.
struct CallOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many processes make calls.", valueName: "n"))
    var processes = 1

    @Option(help: ArgumentHelp("How many calls each process makes at a time.", valueName: "m"))
    var concurrency = 4

    @Option(help: ArgumentHelp("How many calls are made, over all processes.", valueName: "k"))
    var calls: Int?

    @Option(
        help: ArgumentHelp(
            "For how long calls are made. Default: 10, unless --calls is given; with both, what ends first.",
            valueName: "s"))
    var seconds: Double?

    @Option(help: ArgumentHelp("The tenant whose budget is drawn on as well.", valueName: "name"))
    var tenant: String?

    @Option(help: ArgumentHelp("What the calls are for: a name that their leases carry.", valueName: "text"))
    var label: String?

    @Option(help: ArgumentHelp("interactive, normal or background.", valueName: "name"))
    var priority = "normal"

    @Option(help: ArgumentHelp("How long a task waits for a permit.", valueName: "s"))
    var timeout = 60.0

    @Option(help: ArgumentHelp("How long each permit is kept before its call.", valueName: "s"))
    var hold = 0.0

    @Option(
        name: .customLong("time-to-live"),
        help: ArgumentHelp(
            "How long a process may be away from the ledger before its permits count as spent.", valueName: "s"))
    var timeToLive = 10.0

    @Option(help: ArgumentHelp("With --uncoordinated: how long a task waits after a 429.", valueName: "s"))
    var backoff = 1.0

    /// How long calls are made. `nil`: until all are.
    var effectiveSeconds: Double? { seconds ?? (calls == nil ? 10 : nil) }

    func check() throws(OptionError) {
        try Self.check("--processes", processes, 1...256)
        try Self.check("--concurrency", concurrency, 1...10_000)
        if let calls { try Self.check("--calls", calls, 1...1_000_000_000) }
        if let seconds { try Self.check("--seconds", seconds, 0.1...31 * 86_400.0) }
        try Self.check("--timeout", timeout, 0...86_400.0)
        try Self.check("--hold", hold, 0...3_600.0)
        try Self.check("--time-to-live", timeToLive, 1...3_600.0)
        try Self.check("--backoff", backoff, 0...3_600.0)
        guard Priority(named: priority) != nil else {
            throw OptionError("--priority '\(priority)' is none of interactive, normal, background")
        }
        if let tenant, Tenant(tenant) == nil {
            throw OptionError("--tenant '\(tenant)' is not 1 to 128 bytes of printable ASCII without blanks and braces")
        }
    }

    private static func check<Number: Comparable>(
        _ option: String, _ value: Number, _ range: ClosedRange<Number>
    ) throws(OptionError) {
        guard range.contains(value) else {
            throw OptionError("\(option) \(value) is not in \(range.lowerBound)...\(range.upperBound)")
        }
    }
}
