// SPDX-License-Identifier: Apache-2.0

package import Headroom

/// A seeded stream of operations as a cluster would send them, and as it never should: greedy and idle instances, lost
/// and repeated exchanges, crashes, strangers, 429s, nonsense from the vendor, changed settings, jumps of time over
/// hours, a clock that is stepped back.
package struct RandomLedgerOperations: Sendable {
    private var random: SeededGenerator
    private var instances: [InstanceID: Known] = [:]
    /// The number of each instance's newest report, also of those that are gone.
    private var reports: [InstanceID: Int64] = [:]
    private var joining = 0
    private var now = SettableTime().now
    /// The newest join, and the newest exchange that ended an instance: repeated now and then, as after a lost answer.
    private var repeatable: [LedgerOperation] = []
    private let plans: [Plan]
    private let tenants: [Tenant?]

    private struct Known {
        var sequence: Int64
        var last: ExchangeRequest?
        var permits = 0
    }

    /// Makes a stream.
    ///
    /// - Parameter seed: Equal seeds make equal streams, given equal answers.
    package init(seed: UInt64) throws(RateLimitError) {
        random = SeededGenerator(seed: seed)
        tenants = [nil, nil, nil, Tenant("ab123"), Tenant("cd456")]
        let tenant = [
            try Limit(.throttle, capacity: 40, window: .rolling(.seconds(60))),
            try Limit(.quota, capacity: 9_000, window: .day),
        ]
        func product(_ spike: Int, _ throttle: Int, _ quota: Int) throws(RateLimitError) -> [Limit] {
            [
                try Limit(.spike, capacity: spike, window: .paced(.seconds(1))),
                try Limit(.throttle, capacity: throttle, window: .rolling(.seconds(60)), ceiling: 2 * throttle),
                try Limit(.quota, capacity: quota, window: .day),
            ]
        }
        plans = [
            try Plan(name: "small", productLimits: try product(25, 90, 20_000), tenantLimits: tenant),
            try Plan(name: "large", productLimits: try product(1_000, 150, 5_000), tenantLimits: tenant),
            try Plan(name: "windows", productLimits: Array(try product(25, 120, 3_000).dropFirst()), tenantLimits: []),
            try Plan(
                name: "short", productLimits: [try Limit(.throttle, capacity: 90, window: .rolling(.seconds(7)))],
                tenantLimits: [try Limit(.throttle, capacity: 40, window: .rolling(.seconds(90)))]),
        ]
    }

    /// The next operation.
    package mutating func next() -> LedgerOperation {
        if let operation = repeatable.randomElement(using: &random), roll(60) == 0, mayRepeat(operation) {
            return operation
        }
        let operation = fresh()
        if case .advance(let span) = operation { now += span.microseconds }
        return operation
    }

    /// No instance sends what it sent before it joined anew.
    private func mayRepeat(_ operation: LedgerOperation) -> Bool {
        if case .exchange(let request) = operation { instances[request.instance] == nil } else { true }
    }

    private mutating func fresh() -> LedgerOperation {
        // Now and then a whole fleet joins: more instances than expire at once.
        if roll(600) == 0 { joining = 12 + roll(12) }
        if joining > 0 {
            joining -= 1
            return join()
        }
        switch roll(100) {
        case 0..<30: return .advance(.microseconds(roll(300_000)))
        case 30...32 where roll(2) == 0: return .advance(.milliseconds(roll(90_000)))
        case 31 where roll(10) == 0: return .advance(.seconds(roll(100_000)))
        case 32 where roll(4) == 0: return .advance(.milliseconds(-roll(roll(2) == 0 ? 3_000 : 7_200_000)))
        case 33 where roll(10) == 0: return .hold(roll(2) == 0 ? nil : .milliseconds(roll(2_000)))
        case 33 where roll(2) == 0: return join()
        default: return exchange()
        }
    }

    /// Takes in what the newest operation answered.
    package mutating func note(_ answer: LedgerOperation.Answer, of operation: LedgerOperation) {
        switch (operation, answer) {
        case (.join(let request), .joined):
            instances[request.instance] = Known(
                sequence: request.sequence, permits: request.permits.reduce(0) { $0 + $1.count })
            reports[request.instance] = request.sequence
            repeatable = [operation] + repeatable.dropFirst()
        case (.exchange(let request), .exchanged(.unknownInstance)): instances[request.instance] = nil
        case (.exchange(let request), .exchanged(.done(let exchange))):
            guard request.sequence != instances[request.instance]?.sequence || request.isLast else { return }
            if request.isLast {
                repeatable = repeatable.prefix(1) + [operation]
                instances[request.instance] = nil
                return
            }
            instances[request.instance]?.sequence = request.sequence
            reports[request.instance] = request.sequence
            instances[request.instance]?.last = request
            instances[request.instance]?.permits += exchange.grants.reduce(0) { $0 + $1.count }
            instances[request.instance]?.permits -= request.settlements.reduce(0) { $0 + $1.spent + $1.unused }
        default: break
        }
    }

    private mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    private mutating func join() -> LedgerOperation {
        let settings = LedgerSettings(
            plan: plans[roll(3) == 0 ? roll(plans.count) : 0], floors: .init(background: 200, normal: roll(2) * 50),
            tolerance: [1_000, 1_000, 100_000, 0][roll(4)],
            timeToLive: .seconds([10, 10, 10, 3][roll(4)]))
        var request = JoinRequest(
            instance: InstanceID("i\(roll(roll(3) == 0 ? 12 : 200))") ?? InstanceID(using: &random),
            weight: 1 + roll(3), settings: settings,
            proposedEpoch: 7, knownEpoch: Int64(roll(3) * 6))
        if roll(4) == 0 { request.permits = [TenantPermits(tenant: tenants[roll(tenants.count)], count: roll(6))] }
        // Its number goes on, or is that of an instance that was with another copy of the ledger for a while.
        request.sequence = max(1, (reports[request.instance] ?? 0) + (roll(4) == 0 ? Int64(roll(8)) - 2 : 1))
        let entries = (0..<roll(5)).map { _ in spentCalls(until: request.sequence) }
        request.history = entries.sorted { $0.report > $1.report }
        request.isInFallback = roll(6) == 0
        return .join(request)
    }

    private mutating func spentCalls(until newest: Int64) -> SpentCalls {
        SpentCalls(
            tenant: tenants[roll(tenants.count)], age: Int64(roll(90_000_000)), count: roll(5),
            report: max(1, newest - Int64(roll(6))))
    }

    private mutating func exchange() -> LedgerOperation {
        guard let id = instances.keys.sorted().randomElement(using: &random), let known = instances[id] else {
            return join()
        }
        if let last = known.last, roll(20) == 0 { return .exchange(last) }
        var request = ExchangeRequest(
            instance: id, epoch: 7 + (roll(200) == 0 ? 1 : 0), sequence: known.sequence + (roll(200) == 0 ? 2 : 1),
            jitter: roll(1000), isLast: roll(150) == 0, pooled: roll(4))
        for _ in 0..<roll(3) {
            let spent = roll(max(1, known.permits) + 1)
            request.settlements.append(
                Settlement(
                    tenant: tenants[roll(tenants.count)], spent: spent, accepted: roll(spent + 1), unused: roll(3)))
        }
        for _ in 0..<roll(3) { request.observations.append(observation()) }
        if roll(300) == 0 {
            request.rejections = [
                RejectionReport(
                    limit: reference(), count: 1 + roll(3), mark: roll(2) == 0 ? nil : Int64(roll(200)),
                    retryAfter: roll(5) == 0 ? Int64(roll(3_000_000)) : 0)
            ]
        }
        for _ in 0..<roll(4) {
            request.wants.append(
                Want(
                    tenant: tenants[roll(tenants.count)], priority: Priority(rank: roll(3)) ?? .normal,
                    count: 1 + roll(12)))
        }
        return .exchange(request)
    }

    private mutating func reference() -> LimitReference {
        let scope = tenants[roll(tenants.count)].map { BudgetScope.tenant($0) } ?? .product
        return LimitReference(scope, [.spike, .throttle, .quota, .quota, LimitName("other") ?? .quota][roll(5)])
    }

    private mutating func observation() -> Observation {
        let capacity = [40, 90, 120, 2_000, 50_000, 1_000_000_000][roll(6)]
        var observation = Observation(limit: reference(), capacity: capacity, age: Int64(roll(100_000)))
        observation.window = [nil, .day, .rolling(.seconds(60)), .rolling(.seconds(7))][roll(4)]
        let mark = roll(150)
        if roll(4) > 0 { observation.used = max(0, mark + (roll(300) == 0 ? roll(1_000_000) : roll(60) - 40)) }
        if roll(4) > 0 { observation.mark = Int64(mark) }
        // Most are the end of today, of yesterday or of tomorrow, to the second; some are past or far and must be
        // ignored.
        if roll(3) == 0 {
            let day =
                now - now % Rules.day + [0, 1, 1, 1, 1, 2, 9][roll(7)] * Rules.day + Int64(roll(5) - 2) * 1_000_000
            observation.expiry = day
            if roll(2) == 0 { observation.date = day - Int64(roll(100_000)) * 1_000_000 }
        }
        return observation
    }
}
