// SPDX-License-Identifier: Apache-2.0

/// The order in which instances that want more than there is are served.
///
/// A *ticket* is when an instance's next turn is, in the order's own time. Who took `n` calls has its next turn when
/// all others can have had as many, by weight: equal shares follow, however many calls one takes at a time, and nobody
/// has to ask in between (start-time fair queuing: Goyal, Vin and Cheng, 1996). Who has none queues behind all others.
/// A turn that is held up holds up all that follow it, and nobody loses its place.
package struct FairQueue: Sendable, Hashable {
    /// The last turn of somebody who waits for it, in the order's own time…
    package var last: Int64 = 0
    /// …which runs behind the ledger's by this much; negative where turns were pulled forward.
    package var delay: Int64 = 0

    /// When that turn is.
    var end: Int64 { last + delay }

    /// When a ticket's turn is.
    func time(of ticket: Int64) -> Int64 { ticket + delay }

    /// Notes that an instance took calls in its turn. What somebody takes who is alone counts for nothing later.
    func take(
        _ progress: ExchangeProgress, for instance: inout InstanceAccount, _ entitlement: Entitlement, _ pace: Pace
    ) {
        let span = pace.span(of: progress.taken) * entitlement.demand / entitlement.weight
        instance.ticket = entitlement.isUncontended ? 0 : progress.start - delay + span
    }

    /// When the next turn of an instance is that gets less than it wants: it queues where it has none; where it had its
    /// turn in vain it keeps it, until that can be had.
    mutating func turn(
        of instance: inout InstanceAccount, _ entitlement: Entitlement, wanting count: Int64, from openAt: Int64,
        _ pace: Pace,
        _ progress: inout ExchangeProgress
    ) -> Int64 {
        if !progress.hasQueued, progress.taken == 0 {
            progress.hasQueued = true
            if instance.ticket == 0 {
                instance.ticket = max(last, openAt - delay) + pace.span(of: max(1, min(entitlement.share, count)))
            } else if entitlement.hasTurn {
                postpone(instance.ticket, to: openAt)
            }
        }
        last = max(last, instance.ticket)
        return time(of: instance.ticket)
    }

    /// Holds up a turn that cannot be had before a time, and all behind it.
    mutating func postpone(_ ticket: Int64, to time: Int64) { delay += max(0, time - self.time(of: ticket)) }

    /// Pulls all turns forward where they are later than twice what those who still want something would take: others
    /// left.
    mutating func pullForward(to time: Int64, cycle: Int64) {
        if end > time + 2 * cycle { delay = time + cycle - last }
    }
}
