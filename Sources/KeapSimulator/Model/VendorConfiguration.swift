// SPDX-License-Identifier: Apache-2.0

/// The simulated vendor: what it allows, how it counts, and what it reports.
public struct VendorConfiguration: Sendable, Hashable {
    /// Calls per second. `nil`: not limited.
    public var spike: SpikeLimit?
    /// Calls per minute. `nil`: not limited.
    public var throttle: WindowLimit?
    /// Calls per day. `nil`: not limited.
    public var quota: WindowLimit?
    /// Which windows each tenant has, and how headers write them. Default: none.
    package var tenants = TenantWindows.none
    /// Calls per minute of each tenant. `nil`: not limited. Default: 10,000, rolling.
    package var tenantThrottle: WindowLimit? = WindowLimit(known: 10_000, .seconds(60), .rolling)
    /// Calls per day of each tenant, if windows are ``TenantWindows/piped``. `nil`: not limited. Default: 250,000.
    package var tenantQuota: WindowLimit? = WindowLimit(known: 250_000, .seconds(86_400), .calendar)
    /// The order in which the policies judge a call: the first that rejects is the one that answers.
    /// A policy that is left out is not enforced. Default: spike, throttle, quota, tenant throttle, tenant quota.
    package var order = Policy.allCases
    /// Whether rejected calls count. Default: no.
    package var rejectedCalls = RejectedCalls.uncounted
    /// Calls that were counted before the start, by policy; the spike has none. Default: none.
    package var used: [Policy: Int] = [:]
    /// Traffic of others. Default: none.
    public var strangers: [Strangers] = []
    /// The knowledge of the counters. Default: the truth.
    package var view = CounterView.exact
    /// The look of headers and bodies.
    package var answers = AnswerStyle()
    /// Answers that fail by chance. Default: none.
    public var faults = Faults()
    /// How far the vendor's clock is ahead of the given time; negative: behind. Default: zero.
    package var clockOffset = Duration.zero
    /// The start of everything that is by chance. Default: 1.
    public var seed: UInt64 = 1

    /// Makes a vendor with these product limits and defaults for the rest.
    package init(spike: SpikeLimit?, throttle: WindowLimit?, quota: WindowLimit?) {
        (self.spike, self.throttle, self.quota) = (spike, throttle, quota)
    }

    /// A policy: one limit of the product or of a tenant.
    package enum Policy: String, Sendable, Hashable, CaseIterable, Codable {
        /// The product's calls per second.
        case spike
        /// The product's calls per minute.
        case throttle
        /// The product's calls per day.
        case quota
        /// A tenant's calls per minute.
        case tenantThrottle = "tenant-throttle"
        /// A tenant's calls per day.
        case tenantQuota = "tenant-quota"
    }

    /// Whether rejected calls count.
    package enum RejectedCalls: String, Sendable, Hashable, CaseIterable {
        /// A rejected call counts nowhere.
        case uncounted = "none"
        /// A rejected call counts with the policies that let it pass before another one rejected it.
        case passedPolicies = "passed"
        /// A rejected call counts with those, and with the one that rejected it.
        case counted = "all"
    }

    /// The windows of a tenant.
    package enum TenantWindows: String, Sendable, Hashable, CaseIterable {
        /// Tenants are not limited, and headers say nothing of them.
        case none
        /// One window, the minute: `10000`.
        case scalar
        /// Two windows, minute and day, in one header value: `10000|250000`.
        case piped
    }
}
