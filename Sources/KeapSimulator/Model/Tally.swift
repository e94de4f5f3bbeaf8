// SPDX-License-Identifier: Apache-2.0

import Headroom

/// A count of calls by their moments, oldest first: exact, at 16 bytes for each moment that still counts.
struct Tally: Sendable {
    private struct Entry {
        let time: Microseconds
        var count: Int
    }

    private var entries: [Entry] = []
    private var head = 0
    /// The calls that still count.
    private(set) var sum = 0

    /// Adds calls of one moment, which is not before any moment added earlier.
    mutating func add(_ count: Int = 1, at time: Microseconds) {
        sum += count
        if head < entries.count, entries[entries.count - 1].time == time {
            entries[entries.count - 1].count += count
        } else {
            entries.append(Entry(time: time, count: count))
        }
    }

    /// Forgets the calls before a moment.
    mutating func drop(before start: Microseconds) {
        while head < entries.count, entries[head].time < start {
            sum -= entries[head].count
            head += 1
        }
        if head > 1_024, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }

    /// Forgets everything.
    mutating func clear() {
        entries.removeAll(keepingCapacity: true)
        (head, sum) = (0, 0)
    }
}
