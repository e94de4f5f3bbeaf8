// SPDX-License-Identifier: Apache-2.0

public import Headroom

extension VendorConfiguration {
    /// An OAuth client id: 25 a second, 1500 a minute, 150,000 a UTC day.
    public static let keapOAuth = VendorConfiguration(.keapOAuth)
    /// A personal access token: 10 a second, 240 a minute, 30,000 a UTC day.
    public static let keapPersonalAccessToken = VendorConfiguration(.keapPersonalAccessToken)
    /// A service account key: 10 a second, 240 a minute, 30,000 a UTC day.
    public static let keapServiceAccountKey = VendorConfiguration(.keapServiceAccountKey)

    /// The figures of a plan: its limits named `spike`, `throttle` and `quota`, and those of its tenants.
    ///
    /// Minutes are rolling, days are UTC days, the spike is a sliding window; tenants have no
    /// windows.
    public init(_ plan: Plan) {
        func find(_ name: LimitName, in limits: [Limit]) -> WindowLimit? {
            limits.first { $0.name == name }.map { WindowLimit($0) }
        }
        let spike = plan.productLimits.first { $0.name == .spike }.map { limit in
            SpikeLimit(known: limit.capacity, WindowLimit(limit).window)
        }
        self.init(
            spike: spike, throttle: find(.throttle, in: plan.productLimits), quota: find(.quota, in: plan.productLimits)
        )
        tenantThrottle = find(.throttle, in: plan.tenantLimits)
        tenantQuota = find(.quota, in: plan.tenantLimits)
    }
}

extension WindowLimit {
    fileprivate init(_ limit: Limit) {
        switch limit.window {
        case .rolling(let span), .paced(let span): self.init(known: limit.capacity, span, .rolling)
        case .day: self.init(known: limit.capacity, .seconds(86_400), .calendar)
        }
    }
}
