// SPDX-License-Identifier: Apache-2.0

/// What an instance may ask for in one want: how it stands to the others that want something.
struct Entitlement {
    let weight: Int64
    /// The sum of the weights of all who want something, its own included.
    let demand: Int64
    /// Its part of the next moments' calls.
    let share: Int64
    /// Whether nobody else wants anything: then nobody queues.
    let isUncontended: Bool
    /// Whether it has a ticket and its turn has come.
    let hasTurn: Bool
    /// Whether it need not wait for a turn: an interactive caller waits for nobody but its like.
    let isInteractive: Bool
    /// Whether it may have something now: its turn has come, it needs none, or nobody queues.
    let isDue: Bool
    /// Whether slots set the pace: then the windows need not.
    let isPaced: Bool
    /// Calls that interactive callers wait for: nobody else takes them.
    let urgent: Int64

    init(
        _ instance: InstanceAccount, _ priority: Priority, demand: Int64, urgent: Int64, order: FairQueue,
        slots: SlotSchedule?, pace: Pace?, at now: Int64
    ) {
        (weight, self.demand) = (instance.weight, demand)
        share = pace?.share(weight: weight, demand: demand) ?? weight
        isUncontended = demand == weight
        isInteractive = priority == .interactive
        self.urgent = isInteractive ? 0 : urgent
        let reach = Rules.earlyTurn + (slots == nil ? 0 : Rules.horizon)
        hasTurn = instance.ticket != 0 && order.time(of: instance.ticket) <= now + reach
        // Where the next slot is free now, nobody came for his turn.
        let isFree = slots.map { order.end <= $0.first || $0.first <= now } ?? (order.end <= now)
        isDue = isUncontended || isInteractive || hasTurn || isFree
        isPaced = slots != nil
    }

    /// Its part of what a limit has left: by weight, at least one, and no less than a turn has room for where it has
    /// the turn.
    ///
    /// Where several want a rolling limit of the product that no slots pace, the turns do, once a seventh of it is
    /// used: a window that is spent at once would leave nothing for anybody until it is over, and all of it to those
    /// who come first.
    func part(of left: Int64, _ limit: LimitAccount, isProduct: Bool) -> Int64 {
        if isUncontended { return left }
        guard isProduct, limit.kind == .rolling else { return proportion(of: left) }
        let free = left - min(urgent, limit.inHorizon)
        guard isPaced || isInteractive else {
            let plenty = free - limit.capacity * Rules.uncontendedPerMille / 1000
            return max(0, isDue ? min(free, share) : 0, plenty > 0 ? proportion(of: plenty) : 0)
        }
        return max(0, min(free, max(proportion(of: free), hasTurn ? share : 0)))
    }

    private func proportion(of left: Int64) -> Int64 { min(left, max(weight, left * weight / demand)) }
}
