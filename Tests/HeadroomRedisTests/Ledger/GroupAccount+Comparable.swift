// SPDX-License-Identifier: Apache-2.0

import Headroom

extension GroupAccount {
    /// The account at a time, without what Redis keeps in another form: the vendor's name in the plan, and grants, of
    /// which a repeated exchange shows whether they are equal.
    func comparable(at time: Microseconds) throws -> GroupAccount {
        var copy = self
        _ = copy.status(tenants: Array(tenants.keys), at: time)
        let plan = settings.plan
        copy.settings.plan = try Plan(
            name: "compared", productLimits: plan.productLimits, tenantLimits: plan.tenantLimits)
        for id in copy.instances.keys { copy.instances[id]?.grants = nil }
        return copy
    }
}
