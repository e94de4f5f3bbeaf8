// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// All that is known when the ledger is given up: makes the account that an instance keeps by itself.
///
/// So that all instances together stay within a limit:
/// - For a window and the time to live after the loss, each may use as much of a window as it has used itself, and its
///   part of what was left when the ledger last spoke, but no more than its part of the whole; then its part of the
///   whole. What others can have been granted since the ledger spoke, at the pace of the slots, is taken off.
/// - A window's part of less than one call is one call in several windows.
/// - Of the day: what it has used itself, and its part of what was left. From the next day on, its part of the whole.
/// - Slots are farther apart by the number of instances, from a random one on. Their phases are chance, so the margin
///   is wide.
struct ShareBeginning: Sendable {
    let instance: InstanceID
    /// Marks the permits.
    let epoch: Int64
    let settings: LedgerSettings
    /// By how many limits are divided; nil: there are no limits.
    let members: Int64?
    let gauges: [(gauge: LimitGauge, age: Microseconds)]
    /// How long an operator holds all calls.
    let holdFor: Microseconds
    let permits: [TenantPermits]
    let history: SpentHistory
    /// Ended, and not told to the ledger.
    let unreported: [Settlement]
    let wallNow: Microseconds
    /// A random number for each moment that must not be the same in all instances.
    var random: SplitMix

    /// The margin between slots, at least, where several instances keep them by themselves; in millionths.
    static let margin: Int64 = 200_000
    /// What is added to it at first: until the ledger has noticed that the instance missed a heartbeat, others may be
    /// granted slots as if it were there.
    static let caution: Int64 = 2_000_000

    func account(at now: Microseconds) -> (GroupAccount, narrow: [SharePart]) {
        var random = random
        let spent = unreported.map { SpentCalls(tenant: $0.tenant, age: 0, count: $0.spent) }
        let plan = Plan(sharing: settings.plan, by: members, capacities: capacities)
        var settings = settings
        settings.plan = plan
        var account = GroupAccount(epoch: epoch, now: wallNow, settings: settings)
        prepare(&account)
        _ = account.join(
            JoinRequest(
                instance: instance, settings: settings, proposedEpoch: epoch, knownEpoch: 1, permits: permits,
                history: history.entries(at: now) + spent),
            isNew: false, at: wallNow)
        guard let members else { return (account, []) }
        if holdFor > 0 { account.holdUntil = wallNow + holdFor }
        var narrow: [SharePart] = []
        for (gauge, age) in gauges {
            account.changeLimit(gauge.limit) { $0.take(gauge, age: age, at: wallNow) }
            guard let part = part(of: gauge, age: age, by: members, in: account, &random) else { continue }
            narrow.append(part)
            account.allow(part.first, of: part.limit)
        }
        for index in account.product.limits.indices where account.product.limits[index].kind == .paced {
            let limit = account.product.limits[index]
            account.product.limits[index].cushion =
                members > 1 ? max(limit.cushion, Self.margin) + Self.caution : limit.cushion
            account.product.limits[index].next =
                wallNow + (members > 1 ? Int64.random(in: 0...limit.spacing / 1000, using: &random) : 0)
        }
        return (account, narrow)
    }

    /// The capacities in force, which may have been learned.
    private var capacities: [LimitReference: Int64] {
        Dictionary(
            gauges.map { ($0.gauge.limit, min(max(1, $0.gauge.capacity), Int64(Limit.maximumCapacity))) },
            uniquingKeysWith: { $1 })
    }

    /// Budgets come into being with their day's end, before anything is counted in them.
    private func prepare(_ account: inout GroupAccount) {
        account.product = BudgetAccount(account.settings.plan.productLimits)
        account.product.isLearned = true
        for (gauge, age) in gauges {
            if case .tenant(let tenant) = gauge.limit.scope { account.withTenant(tenant) { $0.isLearned = true } }
            guard gauge.resetsIn > age else { continue }
            for name in [gauge.limit.name, gauge.limit.name.ofPart] {
                account.changeLimit(LimitReference(gauge.limit.scope, name)) { limit in
                    if limit.kind == .day { limit.resetsAt = wallNow + gauge.resetsIn - age }
                }
            }
        }
    }

    private func part(
        of gauge: LimitGauge, age: Microseconds, by members: Int64, in account: GroupAccount, _ random: inout SplitMix
    ) -> SharePart? {
        let name = LimitReference(gauge.limit.scope, gauge.limit.name.ofPart)
        guard let (limit, outstanding) = account.limit(name) else { return nil }
        let own = limit.spent + outstanding
        let left = max(0, gauge.capacity - gauge.used - gauge.cushion - granted(within: age)) / members
        let whole = gauge.capacity / members
        if limit.kind == .day {
            return SharePart(limit: name, first: own + left, widensAt: limit.resetsAt, later: whole)
        }
        // Less than one call a window: one in a longer window, of which each instance begins its own.
        let phase = whole > 0 ? 0 : Int64.random(in: 0..<limit.window, using: &random)
        let widensAt = wallNow + Limit.windowSpan(gauge.limit, settings.plan) + settings.timeToLive.microseconds + phase
        return SharePart(limit: name, first: min(whole, own + left), widensAt: widensAt, later: max(1, whole))
    }

    /// How many calls others can have been granted within a span, as far as slots bound them.
    private func granted(within span: Microseconds) -> Int64 {
        var most: Int64?
        for limit in settings.plan.productLimits {
            guard case .paced(let window) = limit.window else { continue }
            let capacity = capacities[LimitReference(.product, limit.name)] ?? Int64(limit.capacity)
            let (calls, isTooLarge) = span.multipliedReportingOverflow(by: capacity)
            most = min(most ?? .max, isTooLarge ? capacity : calls / window.microseconds + 1)
        }
        return most ?? 0
    }
}

extension Limit {
    /// The length of a planned limit's window; a minute where the plan does not have it.
    fileprivate static func windowSpan(_ limit: LimitReference, _ plan: Plan) -> Microseconds {
        let limits = limit.scope == .product ? plan.productLimits : plan.tenantLimits
        for case .rolling(let span)? in limits.map({ $0.name == limit.name ? $0.window : nil }) {
            return span.microseconds
        }
        return 60_000_000
    }
}
