// SPDX-License-Identifier: Apache-2.0

/// The earliest of many deadlines first. Those of waiters that are gone are skipped when they come up.
struct DeadlineHeap: Sendable {
    struct Entry: Sendable {
        var time: Microseconds
        var id: UInt64
    }

    private var entries: [Entry] = []

    var first: Entry? { entries.first }
    var count: Int { entries.count }

    mutating func insert(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].time < entries[parent].time else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].time < entries[least].time { least = child }
            guard least != parent else { return }
            entries.swapAt(parent, least)
            parent = least
        }
    }

    /// Keeps only entries whose waiters are still there.
    mutating func compact(_ keeps: (UInt64) -> Bool) {
        let kept = entries.filter { keeps($0.id) }
        entries = []
        for entry in kept { insert(entry) }
    }
}
