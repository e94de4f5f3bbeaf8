// SPDX-License-Identifier: Apache-2.0

/// What an instance may ask for in one want: how the instance stands to the others that want something.
struct Entitlement {
    let weight: Int64
    /// The sum of the weights of all instances that want something, this one included.
    let demand: Int64
    /// The instance's part of the calls that the horizon has room for.
    let share: Int64
    /// Whether no other instance wants anything: then nobody queues.
    let isUncontended: Bool
    /// Whether the instance has a start tag and its turn has come.
    let hasTurn: Bool
    /// Whether the want is of interactive callers, who wait for nobody but their like.
    let isInteractive: Bool
    /// Whether the instance may have something now: its turn has come, it needs none, or nobody queues.
    let isDue: Bool
    /// Whether slots set the pace: then windows need not.
    let isPaced: Bool
    /// Calls that interactive callers wait for and nobody else takes.
    let urgent: Int64

    init(
        _ instance: InstanceAccount, _ priority: Priority, demand: Int64, urgent: Int64, queue: FairQueue,
        slots: SlotSchedule?, pace: Pace?, at now: Int64
    ) {
        (weight, self.demand) = (instance.weight, demand)
        share = pace?.share(weight: weight, demand: demand) ?? weight
        isUncontended = demand == weight
        isInteractive = priority == .interactive
        self.urgent = isInteractive ? 0 : urgent
        let reach = Rules.earlyTurn + (slots == nil ? 0 : Rules.horizon)
        hasTurn = instance.startTag != 0 && queue.turnTime(of: instance.startTag) <= now + reach
        // If the next slot is free now, the instances before this one did not come for their turns.
        let lastTurn = queue.turnTime(of: queue.last)
        let isFree = slots.map { lastTurn <= $0.first || $0.first <= now } ?? (lastTurn <= now)
        isDue = isUncontended || isInteractive || hasTurn || isFree
        isPaced = slots != nil
    }

    /// The instance's part of what a limit has left: by weight, at least one, and in its turn no less than the turn has
    /// room for.
    ///
    /// If several instances want a rolling limit of the product that no slots pace, turns pace it once a seventh of it
    /// is used. *Why:* a window that is spent at once would leave nothing for anybody until it is over, and all of it
    /// to those who come first.
    func part(of left: Int64, _ limit: LimitAccount, isProduct: Bool) -> Int64 {
        if isUncontended { return left }
        guard isProduct, limit.kind == .rolling else { return proportion(of: left) }
        let free = left - min(urgent, limit.capacityInHorizon)
        guard isPaced || isInteractive else {
            let uncontended = free - limit.capacity * Rules.uncontendedPerMille / 1000
            return max(0, isDue ? min(free, share) : 0, uncontended > 0 ? proportion(of: uncontended) : 0)
        }
        return max(0, min(free, max(proportion(of: free), hasTurn ? share : 0)))
    }

    private func proportion(of left: Int64) -> Int64 { min(left, max(weight, left * weight / demand)) }
}
