// SPDX-License-Identifier: Apache-2.0

/// The account of one limit: what was spent of it, and what the vendor said of it.
///
/// All numbers are integers below 2^53, as Lua's are exact to that: calls, times in microseconds since 1970,
/// millionths. `LimitAccount.lua` keeps the same fields and does the same arithmetic.
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

    // MARK: Capacity

    /// The configured capacity; 0 for a limit first seen in a header.
    package var configured: Int64
    /// The capacity in force: configured, or learned.
    package var capacity: Int64
    /// The highest capacity that may be learned; 0: none.
    package var ceiling: Int64
    /// A capacity that the vendor reported and that is not yet in force; 0: none.
    package var candidate: Int64 = 0
    /// How many observations in a row reported the candidate.
    package var candidates: Int64 = 0

    // MARK: After a 429

    /// Of a window or a day, calls left unused because 429s taught so, in millionths of a call. Of a paced limit, the
    /// margin, in millionths of the spacing.
    package var cushion: Int64 = 0
    /// The end of the pause after a 429, before which nothing is granted.
    package var pausedUntil: Int64 = 0
    /// The number of pauses with no accepted call between them.
    package var pauses: Int64 = 0

    // MARK: The own count

    /// Calls spent in the window or in the day.
    package var spent: Int64 = 0
    /// Of a rolling limit, the number of the current sub-window, counted from 1970.
    package var subWindow: Int64 = 0
    /// Of a rolling limit, calls spent in the current sub-window.
    package var current: Int64 = 0
    /// Of a rolling limit, calls spent in earlier sub-windows, each at its number modulo the ring's length. Empty for
    /// other kinds.
    package var ring: [UInt32] = []
    /// Of a day, when it ends.
    package var resetsAt: Int64 = 0

    // MARK: The vendor's count

    /// The vendor's count minus the own count.
    package var drift: Int64 = 0
    /// When the drift was last observed.
    package var driftAt: Int64 = 0
    /// Since when all observed drifts are below `drift`; 0: they are not.
    package var lowSince: Int64 = 0
    /// The largest drift observed since `lowSince`.
    package var lowest: Int64 = 0
    /// Of a day, the largest mark of a call whose response was observed.
    package var markSeen: Int64 = 0
    /// The largest `used` observed: of the last seconds, or of the whole day for a day.
    package var usedSeen: Int64 = 0
    /// When `usedSeen` was observed.
    package var seenAt: Int64 = 0
    /// Of a rolling limit, when the vendor last counted more than all own calls can account for; 0: never.
    package var strangersAt: Int64 = 0

    // MARK: Slots

    /// Of a paced limit, the next free slot, in whole microseconds.
    package var next: Int64 = 0
    /// Of a paced limit, the nanoseconds of the next free slot beyond its microsecond.
    package var nextNanos: Int64 = 0

    package init(_ limit: Limit) {
        self.init(name: limit.name, window: limit.window, capacity: Int64(limit.capacity))
        configured = capacity
        ceiling = Int64(limit.ceiling ?? 0)
    }

    /// Makes the account of a limit first seen in a header.
    package init(name: LimitName, window: Limit.Window, capacity: Int64) {
        self.name = name
        switch window {
        case .rolling(let span): (kind, self.window) = (.rolling, span.microseconds)
        case .day: (kind, self.window) = (.day, Rules.day)
        case .paced(let span): (kind, self.window) = (.paced, span.microseconds)
        }
        self.capacity = capacity
        configured = 0
        ceiling = 0
        if kind == .rolling { ring = Array(repeating: 0, count: Int(Rules.ringLength)) }
        if kind == .paced { cushion = Rules.marginStart }
    }
}

/// The own count of a limit: calls age by sub-window, or end with their day.
///
/// ```
/// ring   | 238 | 239 | 240 | 0 | 1 | 2 | …      241 sub-windows, each at its number modulo 241
///                      └ current (not in the ring yet)
///                            └ the oldest: leaves when the next sub-window begins
/// spent = current + the sum of the ring
/// ```
extension LimitAccount {
    /// The length of a sub-window, in microseconds, rounded up: 240 of them are never shorter than the window.
    package var subWindowSpan: Int64 { (window + Rules.subWindows - 1) / Rules.subWindows }

    /// Brings the account to a time: sub-windows that are past leave, a day that is over begins anew.
    mutating func advance(to now: Int64) {
        switch kind {
        case .rolling: roll(to: now / subWindowSpan)
        case .day: if now >= resetsAt { rollOver(at: now) }
        case .paced: break
        }
    }

    /// The place of a sub-window in the ring. Numbers of sub-windows are negative if a clock begins near 0.
    func ringIndex(of subWindow: Int64) -> Int {
        Int(((subWindow % Rules.ringLength) + Rules.ringLength) % Rules.ringLength)
    }

    private mutating func roll(to newest: Int64) {
        guard newest > subWindow else { return }
        if newest - subWindow >= Rules.ringLength {
            spent = 0
            for index in ring.indices { ring[index] = 0 }
        } else {
            ring[Int(subWindow % Rules.ringLength)] = UInt32(clamping: current)
            for passed in (subWindow + 1)...newest {
                let index = Int(passed % Rules.ringLength)
                spent -= Int64(ring[index])
                ring[index] = 0
            }
        }
        (subWindow, current) = (newest, 0)
    }

    /// Begins a new day, which ends at midnight UTC until the vendor says when.
    mutating func rollOver(at now: Int64) {
        (spent, drift, driftAt, lowSince, lowest, markSeen, usedSeen, seenAt) = (0, 0, 0, 0, 0, 0, 0, 0)
        (pausedUntil, pauses) = (0, 0)
        resetsAt = now - now % Rules.day + Rules.day
    }

    /// Counts calls as spent now.
    mutating func spend(_ count: Int64) {
        switch kind {
        case .rolling:
            let added = min(count, Rules.subWindowMaximum - current)
            current += added
            spent += added
        case .day: spent += count
        case .paced: break
        }
    }

    /// Counts calls that were spent at a time in the past, if they still count.
    mutating func spend(_ count: Int64, at time: Int64) {
        switch kind {
        case .rolling:
            let past = time / subWindowSpan
            guard past < subWindow else { return spend(count) }
            guard subWindow - past < Rules.ringLength else { return }
            let index = ringIndex(of: past)
            let added = min(count, Rules.subWindowMaximum - Int64(ring[index]))
            ring[index] += UInt32(added)
            spent += added
        case .day: if time >= resetsAt - Rules.day { backfillDay(count) }
        case .paced: break
        }
    }

    /// Counts what was spent in another window of the same limit, each sub-window's calls at its end.
    mutating func takeOver(_ other: LimitAccount) {
        guard kind == .rolling, other.kind == .rolling else { return }
        for past in (other.subWindow - Rules.subWindows)..<other.subWindow {
            let count = Int64(other.ring[other.ringIndex(of: past)])
            if count > 0 { spend(count, at: (past + 1) * other.subWindowSpan) }
        }
        spend(other.current)
    }

    /// Counts calls of the day that the vendor had counted before the account did.
    ///
    /// Such calls are part of the drift that was observed, and of the one that calls granted before will observe.
    /// Counted twice, they would leave nothing of a day of which half is used.
    private mutating func backfillDay(_ count: Int64) {
        spent += count
        markSeen += count
        drift = min(drift, max(0, drift - count))
        lowest = min(lowest, max(0, lowest - count))
    }
}
