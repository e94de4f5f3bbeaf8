// SPDX-License-Identifier: Apache-2.0

/// The next free slots of all paced limits that a call draws on: one schedule, as slow as the slowest.
struct SlotSchedule {
    /// The first free slot, not before now, and its nanoseconds beyond the microsecond.
    private(set) var first: Int64
    private(set) var firstNanos: Int64
    /// The distance of two slots.
    let pace: Pace
    /// The limit that sets the distance.
    let limit: LimitReference
    /// Free slots up to the horizon.
    let free: Int64

    /// Nil where no limit is paced.
    ///
    /// - Parameter crowd: how many instances there may be, and how many of them are here: slots leave room for the
    ///   others.
    init?(_ budgets: [(scope: BudgetScope, state: BudgetAccount)], crowd: (all: Int64, here: Int64), at now: Int64) {
        (first, firstNanos) = (now, 0)
        var slowest: (spacing: Int64, limit: LimitReference)?
        for (scope, budget) in budgets {
            for limit in budget.limits where limit.kind == .paced {
                if limit.next > first || (limit.next == first && limit.nextNanos > firstNanos) {
                    (first, firstNanos) = (limit.next, limit.nextNanos)
                }
                let spacing = limit.spacing
                if spacing > slowest?.spacing ?? 0 { slowest = (spacing, LimitReference(scope, limit.name)) }
            }
        }
        guard let slowest else { return nil }
        (pace, limit) = (
            Pace(spacing: min(slowest.spacing * crowd.all / crowd.here, Rules.slotSpacingMaximum)), slowest.limit
        )
        let ahead = now + Rules.horizon - first
        free = ahead < 0 ? 0 : ahead * 1000 / pace.spacing + 1
    }

    /// The first free slot after `count` of them are taken.
    func after(_ count: Int64) -> (next: Int64, nanos: Int64) {
        let nanos = firstNanos + count * pace.spacing
        return (first + nanos / 1000, nanos % 1000)
    }
}
