// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LimitUse {
    /// Makes the use that a gauge shows. Its window is the plan's.
    init(_ gauge: LimitGauge, plan: Plan) {
        let (tenant, limits): (String?, [Limit]) =
            switch gauge.limit.scope {
            case .product: (nil, plan.productLimits)
            case .tenant(let tenant): (tenant.name, plan.tenantLimits)
            }
        self.init(limit: gauge.limit.name.text, tenant: tenant, capacity: gauge.capacity, used: max(0, gauge.used))
        if let known = limits.first(where: { $0.name == gauge.limit.name }) {
            window = SpanText.text(known.window)
            if case .paced(let span) = known.window { pacedSeconds = Double(span.microseconds) / 1e6 }
        }
        if gauge.pausedFor > .zero { pausedForSeconds = gauge.pausedFor / .seconds(1) }
        if gauge.resetsIn > .zero { resetsInSeconds = gauge.resetsIn / .seconds(1) }
    }
}

extension Priority {
    /// The priority of a name: `background`, `normal`, `interactive`.
    init?(named name: String) {
        guard let priority = Priority.allCases.first(where: { "\($0)" == name }) else { return nil }
        self = priority
    }
}
