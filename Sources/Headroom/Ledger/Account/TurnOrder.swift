// SPDX-License-Identifier: Apache-2.0

/// The order in which instances that want more than there is are served: one turn after the other, each as long as the calls it
/// has room for.
///
/// Who gets less than it wants is given a *ticket*: when its next turn is, in the order's own time. Equal shares follow, and
/// nobody has to ask in between. A turn that is held up holds up all that follow it, and nobody loses its place.
package struct TurnOrder: Sendable, Hashable {
    /// The end of the last turn given, in the order's own time…
    package var last: Int64 = 0
    /// …which runs behind the ledger's by this much; negative where turns were pulled forward.
    package var delay: Int64 = 0

    /// When the last turn given begins.
    var end: Int64 { last + delay }

    /// When a ticket's turn is.
    func time(of ticket: Int64) -> Int64 { ticket + delay }

    /// Gives a turn behind all others, and not before a time; the turns before it leave room for `span`.
    mutating func next(after time: Int64, span: Int64) -> Int64 {
        last = max(last, time - delay) + span
        return last
    }

    /// Holds up a turn that cannot be had before a time, and all behind it.
    mutating func postpone(_ ticket: Int64, to time: Int64) { delay += max(0, time - self.time(of: ticket)) }

    /// Pulls all turns forward where they are later than twice what those who still want something would take: others left.
    mutating func pullForward(to time: Int64, cycle: Int64) {
        if end > time + 2 * cycle { delay = time + cycle - last }
    }
}
