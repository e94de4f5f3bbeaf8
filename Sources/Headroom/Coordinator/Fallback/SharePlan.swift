// SPDX-License-Identifier: Apache-2.0

extension Plan {
    /// A plan's limits, each whole and as one instance's part; none where it is divided by nothing.
    init(sharing plan: Plan, by members: Int64?, capacities: [LimitReference: Int64]) {
        guard let members else {
            self.init(known: plan.name, [], [])
            return
        }
        let product = plan.productLimits.map {
            ($0, capacities[LimitReference(.product, $0.name)] ?? Int64($0.capacity))
        }
        self.init(
            known: plan.name, product.flatMap { $0.shared(by: members, capacity: $1) },
            plan.tenantLimits.flatMap { $0.shared(by: members, capacity: Int64($0.capacity)) })
    }
}

extension Limit {
    /// The whole limit and a part of it. Paced limits are not counted: there the part is enough.
    fileprivate func shared(by members: Int64, capacity: Int64) -> [Limit] {
        let whole = Limit(known: name, Int(capacity), window, ceiling: ceiling)
        switch window {
        case .paced(let span):
            // Never more than half an hour between two slots: with the largest margin the arithmetic holds.
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
