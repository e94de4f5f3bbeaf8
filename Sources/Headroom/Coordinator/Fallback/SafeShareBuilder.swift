// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// All that an instance knows when it gives the ledger up, made into the account of its ``SafeShare``.
///
/// The account is such that all instances stay within each limit in total, though none knows what the others do. "A
/// fraction" means one divided by the number of instances.
/// - A rolling window, at first: an instance's part is what it has used itself and a fraction of what was left when the
///   ledger last answered, but no more than a fraction of the capacity. What others can have been granted since that
///   answer, at the pace of the slots, is taken off what was left. A window and a time to live later the part is a
///   fraction of the capacity.
/// - A window in which a part would be less than one call: one call in a longer window, which begins at a random time
///   in each instance.
/// - The day: what the instance has used itself and a fraction of what was left. From the next day on, a fraction of
///   the capacity.
/// - Paced slots: spaced wider by the number of instances, from a random one on. Where slots of different instances
///   fall relative to each other is chance, so the margin is wide.
struct SafeShareBuilder: Sendable {
    let instance: InstanceID
    /// The epoch of the account: marks of its permits mean nothing to the ledger.
    let epoch: Int64
    let settings: LedgerSettings
    /// The number of instances by which limits are divided. `nil` if there are no limits.
    let members: Int64?
    let gauges: [(gauge: LimitGauge, age: Microseconds)]
    /// The rest of an operator's hold. 0 if there is none.
    let holdFor: Microseconds
    let permits: [TenantPermits]
    let history: SpentHistory
    /// Ended permits that the ledger has no report of.
    let unreported: [Settlement]
    let wallNow: Microseconds
    /// The source of moments that must differ from instance to instance.
    var random: SplitMix

    /// The smallest margin between slots that several instances keep by themselves, in millionths of the spacing.
    static let margin: Int64 = 200_000
    /// The addition to the margin at first, in millionths of the spacing. Until the ledger has noticed that this
    /// instance missed a heartbeat, others may be granted slots as if the instance took none.
    static let caution: Int64 = 2_000_000

    func account(at now: Microseconds) -> (GroupAccount, staged: [SharePart]) {
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
        var staged: [SharePart] = []
        for (gauge, age) in gauges {
            account.changeLimit(gauge.limit) { $0.take(gauge, age: age, at: wallNow) }
            guard let part = part(of: gauge, age: age, by: members, in: account, &random) else { continue }
            staged.append(part)
            account.allow(part.first, of: part.limit)
        }
        for index in account.product.limits.indices where account.product.limits[index].kind == .paced {
            let limit = account.product.limits[index]
            account.product.limits[index].cushion =
                members > 1 ? max(limit.cushion, Self.margin) + Self.caution : limit.cushion
            account.product.limits[index].next =
                wallNow + (members > 1 ? Int64.random(in: 0...limit.spacing / 1000, using: &random) : 0)
        }
        return (account, staged)
    }

    /// The capacities in force, learned ones included.
    private var capacities: [LimitReference: Int64] {
        Dictionary(
            gauges.map { ($0.gauge.limit, min(max(1, $0.gauge.capacity), Int64(Limit.maximumCapacity))) },
            uniquingKeysWith: { $1 })
    }

    /// Creates all budgets with the end of their day, before anything is counted in them.
    private func prepare(_ account: inout GroupAccount) {
        account.product = BudgetAccount(account.settings.plan.productLimits)
        account.product.isLearned = true
        for (gauge, age) in gauges {
            if case .tenant(let tenant) = gauge.limit.scope { account.withTenant(tenant) { $0.isLearned = true } }
            guard gauge.resetsIn.microseconds > age else { continue }
            for name in [gauge.limit.name, gauge.limit.name.ofPart] {
                account.changeLimit(LimitReference(gauge.limit.scope, name)) { limit in
                    if limit.kind == .day { limit.resetsAt = wallNow + gauge.resetsIn.microseconds - age }
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
            return SharePart(limit: name, first: own + left, changesAt: limit.resetsAt, later: whole)
        }
        // Less than one call a window: the longer window begins at a random time in each instance.
        let phase = whole > 0 ? 0 : Int64.random(in: 0..<limit.window, using: &random)
        let span = Limit.windowSpan(gauge.limit, settings.plan)
        let changesAt = wallNow + span + settings.timeToLive.microseconds + phase
        return SharePart(limit: name, first: min(whole, own + left), changesAt: changesAt, later: max(1, whole))
    }

    /// The largest number of calls that others can have been granted within a span, as far as slots limit it. 0
    /// without a paced limit.
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
    /// The length of a planned limit's rolling window in microseconds, a minute if the plan has none by that name.
    fileprivate static func windowSpan(_ limit: LimitReference, _ plan: Plan) -> Microseconds {
        let limits = limit.scope == .product ? plan.productLimits : plan.tenantLimits
        for case .rolling(let span)? in limits.map({ $0.name == limit.name ? $0.window : nil }) {
            return span.microseconds
        }
        return 60_000_000
    }
}

/// One instance's part of a limit, with a capacity that changes once.
struct SharePart: Sendable {
    let limit: LimitReference
    /// The most calls within the window, or the day, until `changesAt`.
    let first: Int64
    let changesAt: Microseconds
    /// The most calls within the window, or the day, from `changesAt` on.
    let later: Int64
}

extension LimitName {
    private static let suffix = "/share"

    /// The name of an instance's part of the limit, which no plan and no header can have.
    var ofPart: LimitName { LimitName(known: text + Self.suffix) }
    /// The limit's own name, also if this is the name of a part.
    var ofWhole: LimitName {
        text.hasSuffix(Self.suffix) ? LimitName(known: String(text.dropLast(Self.suffix.count))) : self
    }
}

extension Plan {
    /// The plan of a safe share: each limit whole, and as one instance's part. Without limits if `members` is `nil`.
    init(sharing plan: Plan, by members: Int64?, capacities: [LimitReference: Int64]) {
        guard let members else {
            self.init(known: plan.name, vendor: plan.vendor, [], [])
            return
        }
        let product = plan.productLimits.map {
            ($0, capacities[LimitReference(.product, $0.name)] ?? Int64($0.capacity))
        }
        self.init(
            known: plan.name, vendor: plan.vendor, product.flatMap { $0.shared(by: members, capacity: $1) },
            plan.tenantLimits.flatMap { $0.shared(by: members, capacity: Int64($0.capacity)) })
    }
}

extension Limit {
    /// The whole limit, and one instance's part of it. Of a paced limit only the part, for its calls are not counted.
    fileprivate func shared(by members: Int64, capacity: Int64) -> [Limit] {
        let whole = Limit(known: name, Int(capacity), window, ceiling: ceiling)
        switch window {
        case .paced(let span):
            // At most half an hour between two slots: then the arithmetic does not overflow with the largest margin.
            let longest = Duration.seconds(1_800) * Int(capacity)
            return [Limit(known: name, Int(capacity), .paced(min(span * Int(members), longest)), ceiling: ceiling)]
        case .day: return [whole, Limit(known: name.ofPart, Int(max(1, capacity / members)), .day)]
        case .rolling(let span):
            let windows = capacity < members ? (members + capacity - 1) / capacity : 1
            return [
                whole,
                Limit(
                    known: name.ofPart, Int(max(1, capacity / members)),
                    .rolling(min(span * Int(windows), .seconds(31_536_000)))),
            ]
        }
    }
}
