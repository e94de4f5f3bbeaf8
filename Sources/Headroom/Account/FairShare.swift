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

/// The order in which instances that want more than there is are served: start-time fair queuing (Goyal, Vin and
/// Cheng, 1996).
///
/// An instance's *start tag* says when its next turn is, in the queue's own time. After an instance took `n` calls, its
/// start tag is as much later as all others need to have had as many, by weight: equal shares follow, however many
/// calls one takes at a time, and nobody has to ask in between. An instance without a start tag queues behind all
/// others. The queue's own time runs behind the ledger's by a delay: a turn that is held up adds to the delay, so that
/// all that follow it are held up as well and nobody loses its place.
///
/// ```
/// start tags        A 100   B 140   C 180        (the queue's own time)
/// turns             A 130   B 170   C 210        (the ledger's time: + delay 30)
/// A's turn is held up until 150:  delay 50
/// turns             A 150   B 190   C 230
/// ```
package struct FairQueue: Sendable, Hashable {
    /// The start tag of the last turn that an instance waits for.
    package var last: Int64 = 0
    /// How far the queue's own time is behind the ledger's; negative after turns were pulled forward.
    package var delay: Int64 = 0

    /// When the turn with a start tag is, in the ledger's time.
    func turnTime(of startTag: Int64) -> Int64 { startTag + delay }

    /// Notes that an instance took calls in its turn. What an uncontended instance takes does not count later.
    func noteTurn(
        _ progress: ExchangeProgress, for instance: inout InstanceAccount, _ entitlement: Entitlement, _ pace: Pace
    ) {
        let span = pace.span(of: progress.taken) * entitlement.demand / entitlement.weight
        instance.startTag = entitlement.isUncontended ? 0 : progress.start - delay + span
    }

    /// When the next turn is of an instance that gets less than it wants. An instance without a start tag queues; one
    /// that had its turn in vain keeps it, until what it wants can be had.
    mutating func nextTurn(
        of instance: inout InstanceAccount, _ entitlement: Entitlement, wanting count: Int64, from openAt: Int64,
        _ pace: Pace, _ progress: inout ExchangeProgress
    ) -> Int64 {
        if !progress.hasQueued, progress.taken == 0 {
            progress.hasQueued = true
            if instance.startTag == 0 {
                instance.startTag = max(last, openAt - delay) + pace.span(of: max(1, min(entitlement.share, count)))
            } else if entitlement.hasTurn {
                postpone(instance.startTag, to: openAt)
            }
        }
        last = max(last, instance.startTag)
        return turnTime(of: instance.startTag)
    }

    /// Holds up a turn that cannot be had before a time, and all turns behind it.
    mutating func postpone(_ startTag: Int64, to time: Int64) { delay += max(0, time - turnTime(of: startTag)) }

    /// Pulls all turns forward if they are later than twice what all who still want something would take: other
    /// instances have left.
    mutating func pullForward(to time: Int64, cycle: Int64) {
        if turnTime(of: last) > time + 2 * cycle { delay = time + cycle - last }
    }
}
