// SPDX-License-Identifier: Apache-2.0

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
