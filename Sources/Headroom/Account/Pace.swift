// SPDX-License-Identifier: Apache-2.0

/// How fast calls of a budget can follow each other in the long run.
struct Pace {
    /// The distance of two calls, in nanoseconds, at least 1.
    let spacing: Int64
    /// How many calls the horizon has room for, at least one.
    let inHorizon: Int64

    init(spacing: Int64) {
        self.spacing = max(1, spacing)
        inHorizon = max(1, Rules.horizon * 1000 / self.spacing)
    }

    /// How many calls within the horizon are an instance's, at least one for each unit of its weight, never more than
    /// there are.
    func share(weight: Int64, demand: Int64) -> Int64 { min(inHorizon, max(weight, inHorizon * weight / demand)) }

    /// How long so many calls take.
    func span(of count: Int64) -> Int64 { spacing * count / 1000 }

    /// How long it takes until all who want something had their turn.
    func cycle(demand: Int64) -> Int64 { span(of: max(inHorizon, demand)) }
}

extension LimitAccount {
    /// How many of its calls the horizon has room for, at least one.
    var inHorizon: Int64 { max(1, capacity * Rules.horizon / window) }
}

extension BudgetAccount {
    /// The pace of the slowest rolling window, a little faster than it allows, so that a turn that nobody came for is
    /// made up; nil where there is none. A day gives no pace: nobody queues over hours.
    var pace: Pace? {
        limits.filter { $0.kind == .rolling }.map {
            min($0.window * Rules.turnSpacingPerMille / $0.capacity, Rules.slowest)
        }.max()
            .map { Pace(spacing: $0) }
    }
}
