// SPDX-License-Identifier: Apache-2.0

/// The figures of many coordinators on one budget: one line of the fleet's table.
package struct FleetLine: Sendable, Hashable, Codable {
    /// The plan's name.
    package var plan: String
    package var coordinators: Int
    /// How long the calls were counted. Seconds.
    package var seconds: Double
    /// Calls made by all.
    package var calls: Int
    /// The part of one core that Redis used.
    package var redisShare: Double
    /// What Redis took at the end, buffers of connections included. Bytes.
    package var redisMemory: Double
    /// What the budget's keys take. Bytes.
    package var budgetMemory: Double
    /// Exchanges that reported or asked for something, by calls granted.
    package var tripsPerCall: Double
    /// Exchanges that only renewed.
    package var heartbeats: Int
    /// How long exchanges that asked for permits took. Microseconds.
    package var exchangeMedian: Double
    package var exchangeP99: Double
    /// Jain's index over the calls of each coordinator.
    package var fairness: Double
    /// The fewest and the most calls that one coordinator made.
    package var fewest: Int
    package var most: Int

    package init(
        plan: String, coordinators: Int, seconds: Double, calls: [Int], redisShare: Double, redisMemory: Double,
        budgetMemory: Double, tripsPerCall: Double, heartbeats: Int, exchanges: Samples
    ) {
        (self.plan, self.coordinators, self.seconds) = (plan, coordinators, seconds)
        (self.redisShare, self.redisMemory, self.budgetMemory) = (redisShare, redisMemory, budgetMemory)
        (self.tripsPerCall, self.heartbeats) = (tripsPerCall, heartbeats)
        (exchangeMedian, exchangeP99) = (exchanges.quantile(0.5), exchanges.quantile(0.99))
        self.calls = calls.reduce(0, +)
        fairness = Jain.index(calls)
        (fewest, most) = (calls.min() ?? 0, calls.max() ?? 0)
    }

    /// Calls a second.
    package var rate: Double { seconds > 0 ? Double(calls) / seconds : 0 }
}

/// A measure of how evenly something is shared: 1 if all have the same, 1/n if one has all.
package enum Jain {
    /// Jain's index, `(Σx)² / (n·Σx²)`. It is 1 if nobody has anything.
    package static func index(_ shares: some Collection<Int>) -> Double {
        let sum = shares.reduce(0.0) { $0 + Double($1) }
        let squares = shares.reduce(0.0) { $0 + Double($1) * Double($1) }
        guard squares > 0 else { return 1 }
        return sum * sum / (Double(shares.count) * squares)
    }
}
