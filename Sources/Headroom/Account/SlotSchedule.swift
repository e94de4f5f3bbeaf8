// SPDX-License-Identifier: Apache-2.0

/// The next free slots of all paced limits that a call draws on: one schedule, as slow as the slowest of them.
///
/// ```
/// now    first                     now + horizon
///  ├──────┼────┼────┼────┼────┼─────┤
///         ◦    ◦    ◦    ◦    ◦            free = 5, one pace.spacing apart
/// ```
struct SlotSchedule {
    /// The first free slot, not before now, in whole microseconds.
    private(set) var first: Int64
    /// The nanoseconds of the first free slot beyond its microsecond.
    private(set) var firstNanos: Int64
    /// The distance of two slots.
    let pace: Pace
    /// The limit that sets the distance.
    let limit: LimitReference
    /// The number of free slots up to the horizon.
    let free: Int64

    /// Makes the schedule of some budgets. `nil` if none of their limits is paced.
    ///
    /// - Parameter callers: how many instances there may be, and how many of them are here: slots leave room for the
    ///   others.
    init?(_ budgets: [(scope: BudgetScope, state: BudgetAccount)], callers: (all: Int64, here: Int64), at now: Int64) {
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
            Pace(spacing: min(slowest.spacing * callers.all / callers.here, Rules.slotSpacingMaximum)), slowest.limit
        )
        let ahead = now + Rules.horizon - first
        free = ahead < 0 ? 0 : ahead * 1000 / pace.spacing + 1
    }

    /// The first free slot after `count` of them are taken.
    func slot(after count: Int64) -> (next: Int64, nanos: Int64) {
        let nanos = firstNanos + count * pace.spacing
        return (first + nanos / 1000, nanos % 1000)
    }

    /// How many of the next slots an instance gets: its share of those within the horizon, if it is due.
    ///
    /// If others were faster than their turns, an instance whose turn it is gets one slot beyond the horizon: it need
    /// not ask again for it.
    func slotCount(for entitlement: Entitlement, pooled: Int64, at now: Int64) -> Int64 {
        guard entitlement.isDue else { return 0 }
        let mayReachOut = (entitlement.hasTurn || entitlement.isInteractive) && first <= now + 2 * Rules.horizon
        return min(max(free, mayReachOut ? 1 : 0), max(0, entitlement.share - pooled))
    }

    /// Why an instance gets no more than `count` slots, and when it can have the next.
    func slotShortage(after count: Int64, _ entitlement: Entitlement, at now: Int64) -> Shortage {
        var retryIn = first + pace.span(of: count) - now - Rules.horizon
        // There are more slots, but the instance has its share already.
        if entitlement.isDue, count < free { retryIn = max(retryIn, pace.span(of: 1)) }
        return Shortage(
            cause: .limit(limit), retryIn: max(Rules.retryMinimum, retryIn), availableIn: max(0, first - now))
    }
}

/// How fast calls of a budget can follow each other in the long run.
struct Pace {
    /// The distance of two calls, in nanoseconds, at least 1.
    let spacing: Int64
    /// How many calls the horizon has room for, at least one.
    let callsInHorizon: Int64

    init(spacing: Int64) {
        self.spacing = max(1, spacing)
        callsInHorizon = max(1, Rules.horizon * 1000 / self.spacing)
    }

    /// How many calls within the horizon are an instance's: at least one for each unit of its weight, never more than
    /// there are.
    func share(weight: Int64, demand: Int64) -> Int64 {
        min(callsInHorizon, max(weight, callsInHorizon * weight / demand))
    }

    /// How long so many calls take, in microseconds.
    func span(of count: Int64) -> Int64 { spacing * count / 1000 }

    /// How long it takes until all who want something had their turn, in microseconds.
    func cycle(demand: Int64) -> Int64 { span(of: max(callsInHorizon, demand)) }
}
