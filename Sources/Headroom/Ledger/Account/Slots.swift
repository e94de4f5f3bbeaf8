// SPDX-License-Identifier: Apache-2.0

/// The next free slots of all paced limits that a call draws on: one schedule, as slow as the slowest.
struct Slots {
    /// The first free slot, not before now, and its nanoseconds beyond the microsecond.
    private(set) var first: Int64
    private(set) var firstNanos: Int64
    /// The distance of two slots, in nanoseconds.
    private(set) var spacing: Int64 = 0
    /// The limit that sets the distance.
    private(set) var name: LimitName = .spike
    private(set) var scope: BudgetScope = .product
    /// Free slots up to the horizon, and all slots between now and the horizon, at least one.
    let free: Int64
    let inHorizon: Int64

    /// Nil where no limit is paced.
    init?(_ budgets: [(scope: BudgetScope, state: BudgetState)], at now: Int64) {
        (first, firstNanos) = (now, 0)
        for (scope, budget) in budgets {
            for limit in budget.limits where limit.kind == .paced {
                if limit.next > first || (limit.next == first && limit.nextNanos > firstNanos) {
                    (first, firstNanos) = (limit.next, limit.nextNanos)
                }
                if limit.spacing > spacing { (spacing, name, self.scope) = (limit.spacing, limit.name, scope) }
            }
        }
        guard spacing > 0 else { return nil }
        let ahead = now + Rules.horizon - first
        free = ahead < 0 ? 0 : ahead * 1000 / spacing + 1
        inHorizon = max(1, Rules.horizon * 1000 / spacing)
    }

    /// The first free slot after `count` of them are taken.
    func after(_ count: Int64) -> (next: Int64, nanos: Int64) {
        let nanos = firstNanos + count * spacing
        return (first + nanos / 1000, nanos % 1000)
    }
}
