// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import KeapSimulator

/// The limits: what the vendor allows, and how it counts.
struct LimitOptions: ParsableArguments {
    @Option(
        help:
            "The key's limits: keap-oauth (25/s, 1500/min, 150000/day), keap-pat or keap-sak (10/s, 240/min, 30000/day)."
    )
    var plan = PlanName.oauth

    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp(
            "Another limit: throttle=1500/60s, quota=60, spike=off. Names: spike, throttle, quota, tenant-throttle, tenant-quota. Repeatable.",
            valueName: "name=capacity/window|off"))
    var limits: [String] = []

    @Option(help: "How minutes are counted: rolling, calendar, or from their first call.")
    var minute = WindowLimit.Counting.rolling

    @Option(
        help: ArgumentHelp(
            "How the spike is enforced: sliding, smoothing, divided:4, divided:4:sliding or off.", valueName: "policy"))
    var spike: String?

    @Option(
        help: ArgumentHelp(
            "Traffic of others: 480/min, 480/min:bursts, 480/min:bursts=20s; @TENANT at the end for a tenant's windows, @product+TENANT for both. Repeatable.",
            valueName: "rate"))
    var strangers: [String] = []

    @Option(help: ArgumentHelp("Calls counted before the start: throttle=1200. Repeatable.", valueName: "name=count"))
    var used: [String] = []

    @Option(help: "The windows of tenants: none, one (scalar), or minute and day (piped).")
    var tenants = VendorConfiguration.TenantWindows.none

    @Option(
        help: "Where rejected calls count: nowhere (none), with policies before the rejecting one (passed), or all.")
    var rejected = VendorConfiguration.RejectedCalls.uncounted

    @Option(
        help: ArgumentHelp("The order of the policies, by their names, separated by commas.", valueName: "names"))
    var order: String?

    @Option(help: ArgumentHelp("Headers report counts that are up to this old.", valueName: "seconds"))
    var lag = 0.0

    @Option(
        help: ArgumentHelp(
            "With --lag: the number of processors that each count by themselves between meetings, so that enforcement lags as well.",
            valueName: "number"))
    var processors = 1

    @Option(help: "The start of everything that is by chance.")
    var seed: UInt64 = 1

    func vendor() throws(SimulatorError) -> VendorConfiguration {
        var vendor = plan.vendor
        for text in limits { try vendor.apply(limit: text) }
        if let spike { try vendor.apply(spikePolicy: spike) }
        vendor.throttle = vendor.throttle?.counted(minute)
        vendor.tenantThrottle = vendor.tenantThrottle?.counted(minute)
        for text in strangers { vendor.strangers.append(try Strangers(option: text)) }
        for text in used { try vendor.apply(used: text) }
        if let order { try vendor.apply(order: order) }
        vendor.view = try CounterView(lagSeconds: lag, processors: processors)
        (vendor.tenants, vendor.rejectedCalls, vendor.seed) = (tenants, rejected, seed)
        return vendor
    }
}

/// The plans that the simulator knows.
enum PlanName: String, ExpressibleByArgument, CaseIterable {
    case oauth = "keap-oauth"
    case personalAccessToken = "keap-pat"
    case serviceAccountKey = "keap-sak"

    var vendor: VendorConfiguration {
        switch self {
        case .oauth: .keapOAuth
        case .personalAccessToken: .keapPersonalAccessToken
        case .serviceAccountKey: .keapServiceAccountKey
        }
    }
}

extension WindowLimit.Counting: ExpressibleByArgument {}
extension VendorConfiguration.TenantWindows: ExpressibleByArgument {}
extension VendorConfiguration.RejectedCalls: ExpressibleByArgument {}
