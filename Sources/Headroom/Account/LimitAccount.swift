// SPDX-License-Identifier: Apache-2.0

/// The account of one limit. `account.lua` keeps the same fields and does the same arithmetic.
///
/// All numbers are integers below 2^53: calls, microseconds since 1970, millionths.
package struct LimitAccount: Sendable, Hashable {
    package enum Kind: Int64, Sendable {
        case rolling = 1
        case day = 2
        case paced = 3
    }

    package let name: LimitName
    package let kind: Kind
    /// Length of the window, in microseconds.
    package let window: Int64
    /// As configured; 0 for a limit first seen in a header.
    package var configured: Int64
    /// In force.
    package var capacity: Int64
    /// The highest that may be learned; 0: none.
    package var ceiling: Int64
    /// A capacity that the vendor told, and how often in a row.
    package var candidate: Int64 = 0
    package var candidates: Int64 = 0
    /// Window and day: calls left unused, in millionths of a call. Paced: the margin, in millionths of the spacing.
    package var cushion: Int64 = 0
    /// Nothing is granted before, after a 429…
    package var pausedUntil: Int64 = 0
    /// …of which there were this many with no accepted call between.
    package var pauses: Int64 = 0
    /// Calls spent in the window or in the day.
    package var spent: Int64 = 0
    /// Rolling: the current sub-window's number since 1970, and its calls.
    package var cell: Int64 = 0
    package var current: Int64 = 0
    /// Rolling: calls of the earlier sub-windows, at their number modulo 241. Empty for other kinds.
    package var ring: [UInt32] = []
    /// Day: when it ends.
    package var resetsAt: Int64 = 0
    /// The vendor's count minus our own; when it was last seen; since when lower ones are seen, and the largest of
    /// those.
    package var drift: Int64 = 0
    package var driftAt: Int64 = 0
    package var lowSince: Int64 = 0
    package var lowest: Int64 = 0
    /// Day: the largest mark.
    package var markSeen: Int64 = 0
    /// The largest `used` of late (of the whole day, for a day), and when it was seen.
    package var usedSeen: Int64 = 0
    package var seenAt: Int64 = 0
    /// Rolling: when the vendor last counted more than all our own calls can account for; 0: never.
    package var strangersAt: Int64 = 0
    /// Paced: the next free slot, and its nanoseconds beyond the microsecond.
    package var next: Int64 = 0
    package var nextNanos: Int64 = 0

    package init(_ limit: Limit) {
        self.init(name: limit.name, window: limit.window, capacity: Int64(limit.capacity))
        configured = capacity
        ceiling = Int64(limit.ceiling ?? 0)
    }

    /// A limit first seen in a header.
    init(name: LimitName, window: Limit.Window, capacity: Int64) {
        self.name = name
        switch window {
        case .rolling(let span): (kind, self.window) = (.rolling, span.microseconds)
        case .day: (kind, self.window) = (.day, Rules.day)
        case .paced(let span): (kind, self.window) = (.paced, span.microseconds)
        }
        self.capacity = capacity
        configured = 0
        ceiling = 0
        if kind == .rolling { ring = Array(repeating: 0, count: Int(Rules.cells)) }
        if kind == .paced { cushion = Rules.marginStart }
    }

    /// Length of a sub-window, rounded up: 240 of them are never shorter than the window.
    package var cellSpan: Int64 { (window + Rules.parts - 1) / Rules.parts }

    /// Brings the account to `now`: sub-windows that are past leave, a day that is over begins anew.
    mutating func advance(to now: Int64) {
        switch kind {
        case .rolling: roll(to: now / cellSpan)
        case .day: if now >= resetsAt { turn(at: now) }
        case .paced: break
        }
    }

    /// Where the ring holds a sub-window. Numbers are negative where a clock begins near 0.
    func place(of cell: Int64) -> Int { Int(((cell % Rules.cells) + Rules.cells) % Rules.cells) }

    private mutating func roll(to newest: Int64) {
        guard newest > cell else { return }
        if newest - cell >= Rules.cells {
            spent = 0
            for index in ring.indices { ring[index] = 0 }
        } else {
            ring[Int(cell % Rules.cells)] = UInt32(clamping: current)
            for passed in (cell + 1)...newest {
                let index = Int(passed % Rules.cells)
                spent -= Int64(ring[index])
                ring[index] = 0
            }
        }
        (cell, current) = (newest, 0)
    }

    mutating func turn(at now: Int64) {
        (spent, drift, driftAt, lowSince, lowest, markSeen, usedSeen, seenAt) = (0, 0, 0, 0, 0, 0, 0, 0)
        (pausedUntil, pauses) = (0, 0)
        resetsAt = now - now % Rules.day + Rules.day
    }

    /// Counts calls as spent now.
    mutating func spend(_ count: Int64) {
        switch kind {
        case .rolling:
            let added = min(count, Rules.cellMaximum - current)
            current += added
            spent += added
        case .day: spent += count
        case .paced: break
        }
    }

    /// Counts calls that were spent some time ago, if they still count.
    mutating func spend(_ count: Int64, at time: Int64) {
        switch kind {
        case .rolling:
            let past = time / cellSpan
            guard past < cell else { return spend(count) }
            guard cell - past < Rules.cells else { return }
            let index = place(of: past)
            let added = min(count, Rules.cellMaximum - Int64(ring[index]))
            ring[index] += UInt32(added)
            spent += added
        case .day: if time >= resetsAt - Rules.day { backfill(count) }
        case .paced: break
        }
    }

    /// The vendor had counted these calls of the day before we did: they are part of the drift that was seen, and of
    /// the one that is seen by permits granted before. Counted twice, they would leave nothing of a day of which half
    /// is used.
    private mutating func backfill(_ count: Int64) {
        spent += count
        markSeen += count
        drift = min(drift, max(0, drift - count))
        lowest = min(lowest, max(0, lowest - count))
    }
}
