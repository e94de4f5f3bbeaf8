// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Headroom

/// The budget: whose it is, and what it allows.
struct BudgetOptions: ParsableArguments {
    @Option(
        name: .customLong("client-id"),
        help: ArgumentHelp("Calls of the same client id share one budget.", valueName: "id"))
    var clientID = "headroom-drive"

    @Option(
        help: ArgumentHelp(
            "The limits to begin with: keap-oauth (25/s, 1500/min, 150000/day), keap-pat or keap-sak (10/s, 240/min, 30000/day).",
            valueName: "name"))
    var plan = "keap-oauth"

    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp(
            "Another limit: throttle=1500/60s, quota=60/day, spike=off. Windows: 500ms, 60s, 1m, 1h, day; without one, the plan's. Tenants' limits begin with 'tenant-'. Repeatable.",
            valueName: "name=capacity/window|off"))
    var limits: [String] = []

    /// The plan with its limits as given.
    func limitedPlan() throws(OptionError) -> Plan {
        guard !clientID.isEmpty else {
            throw OptionError("--client-id is empty; give the id that the vendor counts by")
        }
        return try Plan.named(plan).applying(limits.map { text throws(OptionError) in try LimitRule(text) })
    }
}
