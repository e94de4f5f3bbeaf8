// SPDX-License-Identifier: Apache-2.0

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
