// SPDX-License-Identifier: Apache-2.0

/// The figures of the simulator since its start, or since its report was reset.
///
/// Its JSON has the same names. Times are seconds since 1970 by the given clock, not the vendor's.
public struct SimulatorReport: Sendable, Hashable, Codable {
    /// All calls but strangers': accepted, rejected and failed.
    public var total = 0
    /// Calls answered with 200.
    public var accepted = 0
    /// Calls answered with 429, by the policy that rejected.
    public var rejected = Rejected()
    /// Calls that were let through, then failed: 500, 503, and those never answered.
    public var failed = 0
    /// Of the failed, those that were never answered.
    public var unanswered = 0
    /// Strangers' calls.
    public var strangers = Outcomes()
    /// Each limit in force, by its name: `spike`, `throttle`, `quota`.
    public var limits: [String: LimitUse] = [:]
    /// Limits of the tenants that called, by tenant, then by limit; at most 64 tenants.
    package var tenants: [String: [String: LimitUse]] = [:]
    /// Calls by caller; at most 256, then `other`.
    public var callers: [String: Outcomes] = [:]
    /// The moment of the first call. `nil` if there was none.
    package var firstCall: Double?
    /// The moment of the last call. `nil` if there was none.
    package var lastCall: Double?
    /// The moment of the report.
    package var time = 0.0
    /// Seconds with any traffic of the last 15 minutes, oldest first.
    package var series: [Sample] = []

    /// Makes an empty report.
    package init() {}

    /// Rejected calls by policy.
    public struct Rejected: Sendable, Hashable, Codable {
        /// By the product's calls per second.
        public var spike = 0
        /// By the product's calls per minute.
        public var throttle = 0
        /// By the product's calls per day.
        public var quota = 0
        /// By a tenant's calls per minute.
        package var tenantThrottle = 0
        /// By a tenant's calls per day.
        package var tenantQuota = 0

        /// Rejected by whichever policy.
        public var total: Int { spike + throttle + quota + tenantThrottle + tenantQuota }

        /// Nothing rejected.
        package init() {}
    }

    /// Calls that were let through, and calls that were not.
    public struct Outcomes: Sendable, Hashable, Codable {
        /// Calls let through, failed ones included.
        public var accepted = 0
        /// Calls answered with 429.
        public var rejected = 0

        /// No calls.
        package init() {}
    }

    /// One second of traffic.
    package struct Sample: Sendable, Hashable, Codable {
        /// The second, since 1970.
        package var second: Int
        /// Calls let through, failed ones included.
        package var accepted = 0
        /// Calls answered with 429.
        package var rejected = 0
        /// Strangers' calls let through.
        package var strangers = 0
        /// Strangers' calls rejected.
        package var strangersRejected = 0
    }

    /// How one limit was used.
    public struct LimitUse: Sendable, Hashable, Codable {
        /// Calls per window.
        public var capacity: Int
        /// The window's length in seconds.
        package var window: Double
        /// The true count of the current window.
        public var used: Int
        /// The most calls let through in any span of one window, strangers' included: never counts what was before the
        /// start.
        public var peak: Int
        /// The highest count of a window as the vendor counts it: with calls from before the start and counted
        /// rejections.
        package var peakCounted: Int
        /// The part of the allowance used from the first call to the last, strangers' calls included. The allowance is
        /// the capacity times that span over the window, the span being one window at least.
        public var share: Double
        /// The same without strangers' calls. For tenants it is not known, and equal to ``share``.
        package var shareOfCallers: Double
    }
}
