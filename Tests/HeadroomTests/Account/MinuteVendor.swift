// SPDX-License-Identifier: Apache-2.0

import Headroom

/// A vendor that enforces one minute limit in one of the three ways that are possible, and reports its counts.
struct MinuteVendor {
    enum Minute: String, CaseIterable, Sendable { case rolling, calendar, firstCall }

    let minute: Minute
    let capacity: Int
    private var accepted: [Int64] = []
    private var head = 0
    private var windowStart: Int64 = 0
    private var inWindow = 0
    private(set) var total = 0

    init(_ minute: Minute, capacity: Int) { (self.minute, self.capacity) = (minute, capacity) }

    /// Counts or rejects a call; returns whether it was accepted, and how many count now.
    mutating func receive(at now: Int64) -> (isAccepted: Bool, used: Int) {
        let used = count(at: now)
        guard used < capacity else { return (false, used) }
        total += 1
        if minute == .rolling { accepted.append(now) } else { inWindow += 1 }
        if minute == .firstCall, used == 0 { windowStart = now }
        return (true, used + 1)
    }

    mutating func count(at now: Int64) -> Int {
        switch minute {
        case .rolling:
            while head < accepted.count, accepted[head] <= now - 60_000_000 { head += 1 }
            return accepted.count - head
        case .calendar:
            if now / 60_000_000 != windowStart / 60_000_000 { (windowStart, inWindow) = (now, 0) }
        case .firstCall:
            if now - windowStart >= 60_000_000 { (windowStart, inWindow) = (now, 0) }
        }
        return inWindow
    }
}
