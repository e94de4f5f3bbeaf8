// SPDX-License-Identifier: Apache-2.0

package import Headroom

extension Plan {
    /// The plan of a name: `keap-oauth`, `keap-pat`, `keap-sak`.
    package static func named(_ name: String) throws(OptionError) -> Plan {
        let plans = [Plan.keapOAuth, .keapPersonalAccessToken, .keapServiceAccountKey]
        guard let plan = plans.first(where: { $0.name == name }) else {
            throw OptionError("plan '\(name)' is none of \(plans.map(\.name).joined(separator: ", "))")
        }
        return plan
    }

    /// The plan with rules applied, in their order.
    ///
    /// - Throws: ``OptionError`` if a rule names a limit that the plan does not have and gives no window or takes it
    ///   off, if a figure is out of range, or if nothing is left.
    package func applying(_ rules: [LimitRule]) throws(OptionError) -> Plan {
        var (product, tenant) = (productLimits, tenantLimits)
        for rule in rules {
            if rule.isTenants { try rule.apply(to: &tenant, of: self) } else { try rule.apply(to: &product, of: self) }
        }
        do throws(RateLimitError) {
            return try Plan(name: name, vendor: vendor, productLimits: product, tenantLimits: tenant)
        } catch {
            throw OptionError(error.message)
        }
    }
}

extension LimitRule {
    private var fullName: String { (isTenants ? "tenant-" : "") + name.text }

    fileprivate func apply(to limits: inout [Limit], of plan: Plan) throws(OptionError) {
        let index = limits.firstIndex { $0.name == name }
        switch setting {
        case .off:
            guard let index else {
                throw OptionError(
                    "limit '\(fullName)=off': plan '\(plan.name)' has \(names(limits)), and not '\(fullName)'")
            }
            limits.remove(at: index)
        case .capacity(let capacity, let window):
            guard let window = window ?? index.map({ limits[$0].window }) else {
                throw OptionError(
                    "limit '\(fullName)=\(capacity)': plan '\(plan.name)' has no such limit; give a window, such as /60s"
                )
            }
            let limit = try Self.make(name, capacity, window)
            if let index { limits[index] = limit } else { limits.append(limit) }
        }
    }

    private func names(_ limits: [Limit]) -> String {
        limits.isEmpty ? "none" : limits.map { (isTenants ? "tenant-" : "") + $0.name.text }.joined(separator: ", ")
    }

    private static func make(_ name: LimitName, _ capacity: Int, _ window: Limit.Window) throws(OptionError) -> Limit {
        do throws(RateLimitError) {
            return try Limit(name, capacity: capacity, window: window)
        } catch {
            throw OptionError(error.message)
        }
    }
}
