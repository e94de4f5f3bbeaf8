// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting

extension Crew {
    /// What is wrong with the account while everybody that lives is known to it. Empty: it is whole.
    ///
    /// - Parameter expired: calls that may be counted beyond those that are known: permits of members that are gone.
    func problems(expired: Int = 0, of newcomer: Tenant? = nil) async throws -> [String] {
        let known = Set(calls.keys).union(tenants).union([newcomer])
        let named = known.compactMap { $0 }.sorted { $0 < $1 }
        guard let status = try await ledger.status(tenants: named, in: group) else { return ["there is no account"] }
        var problems: [String] = []
        for tenant in [nil] + named.map({ $0 as Tenant? }) {
            problems += self.problems(of: tenant, status, expired: expired)
        }
        let living = alive.map { members[$0] }
        let inHand = living.reduce(0) { $0 + $1.outstanding.values.reduce(0, +) }
        let permits = status.instances.reduce(0) { $0 + $1.permits }
        if permits != inHand { problems.append("instances with \(permits) permits, not \(inHand)") }
        let ids = status.instances.map(\.id)
        if ids != living.map(\.id.text).sorted() { problems.append("other instances: \(ids)") }
        let demand = status.instances.reduce(0) { $0 + ($1.isWanting ? $1.weight : 0) }
        if status.demand != demand { problems.append("a demand of \(status.demand), not \(demand)") }
        return problems
    }

    private func problems(of tenant: Tenant?, _ status: LedgerStatus, expired: Int) -> [String] {
        let name = tenant?.name ?? "product"
        let outstanding = alive.reduce(0) { sum, index in
            let own = members[index].outstanding
            return sum + (tenant == nil ? own.values.reduce(0, +) : own[tenant] ?? 0)
        }
        let window = Self.window.microseconds
        let settled = { [members, alive, time] (span: Microseconds) in
            alive.reduce(0) { $0 + members[$1].count(of: tenant, within: span, at: time.now) }
        }
        let scope = tenant.map { BudgetScope.tenant($0) } ?? .product
        guard let budget = status.budgets.first(where: { $0.scope == scope }) else {
            return outstanding > 0 || settled(window) > 0 ? ["\(name): no budget"] : []
        }
        guard let limit = budget.limits.first(where: { $0.name == .throttle }) else { return ["\(name): no limits"] }
        var problems: [String] = []
        if budget.outstanding != outstanding {
            problems.append("\(name): \(budget.outstanding) outstanding, not \(outstanding)")
        }
        // A call leaves the window with its sub-window, of which there are 240.
        let (least, most) = (settled(window), settled(window + window / 120) + expired)
        if limit.spent < least || limit.spent > most {
            problems.append("\(name): \(limit.spent) spent, not \(least)...\(most)")
        }
        return problems
    }

    /// Windows in which more calls were made than the vendor's limits allow.
    var excesses: [String] {
        calls.compactMap { tenant, log in
            let most = log.most(within: Self.window)
            let capacity = tenant == nil ? Self.capacity : Self.tenantCapacity
            return most > capacity ? "\(most) calls of \(tenant?.name ?? "all") in a window of \(capacity)" : nil
        }
    }

    /// Permits of members that are gone.
    var lostPermits: Int { gone.reduce(0) { $0 + members[$1].outstanding.values.reduce(0, +) } }
}
