// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The count of a limit's current window. Every moment given is at or after the one before.
struct WindowCounter: Sendable {
    private let length: Microseconds
    private let counting: WindowLimit.Counting
    private var rolling = Tally()
    private var fixedStart = Microseconds.min / 2
    private var fixedCount = 0

    init(_ limit: WindowLimit) {
        (length, counting) = (limit.window.microseconds, limit.counting)
    }

    /// The calls in the window of the moment that ``advance(to:)`` was last given.
    var used: Int { counting == .rolling ? rolling.sum : fixedCount }

    /// The start of the current window: calls before it no longer count.
    func start(at now: Microseconds) -> Microseconds {
        switch counting {
        // A call of exactly one window ago has left: windows are half open.
        case .rolling: now - length + 1
        case .calendar: now - floorModulo(now, length)
        case .firstCall: fixedStart
        }
    }

    /// When the current window ends and the next one begins.
    func end(at now: Microseconds) -> Microseconds {
        switch counting {
        case .rolling: now + length
        case .calendar: start(at: now) + length
        case .firstCall: max(now, fixedStart + length)
        }
    }

    /// Ends windows that are over at a moment.
    mutating func advance(to now: Microseconds) {
        switch counting {
        case .rolling:
            rolling.drop(before: start(at: now))
        case .calendar:
            let start = start(at: now)
            if start != fixedStart { (fixedStart, fixedCount) = (start, 0) }
        case .firstCall:
            if now >= fixedStart + length { fixedCount = 0 }
        }
    }

    /// Counts calls at a moment.
    mutating func add(_ count: Int = 1, at now: Microseconds) {
        advance(to: now)
        switch counting {
        case .rolling:
            rolling.add(count, at: now)
        case .calendar:
            fixedCount += count
        case .firstCall:
            if fixedCount == 0 { fixedStart = now }
            fixedCount += count
        }
    }
}

/// The remainder of a division that rounds down, never negative.
func floorModulo(_ value: Microseconds, _ modulus: Microseconds) -> Microseconds {
    let remainder = value % modulus
    return remainder < 0 ? remainder + modulus : remainder
}
