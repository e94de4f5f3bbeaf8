// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// The queue of callers that wait for a permit: by priority, within a lane in the order in which they came.
///
/// Adding, cancelling and timing out cost at most the logarithm of the number of callers. A caller that leaves early
/// leaves its number behind, in its lane's queue and in the heap of deadlines; numbers of callers that are gone are
/// skipped when they come up, and removed when they outnumber the others.
struct WaitingQueue<Waiter: Sendable>: Sendable {
    struct Entry: Sendable {
        let id: UInt64
        let lane: Lane
        let deadline: Microseconds
        /// What resumes the caller.
        let waiter: Waiter
    }

    private var entries: [UInt64: Entry] = [:]
    private var order: [Lane: FIFO<UInt64>] = [:]
    private var counts: [Lane: Int] = [:]
    private var deadlines = DeadlineHeap()

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    /// The lanes in which somebody waits, most urgent first: by priority, then by their first caller.
    var lanes: [Lane] {
        counts.count < 2
            ? Array(counts.keys)
            : counts.keys
                .map { lane in (lane, order[lane]?.first(in: entries) ?? .max) }
                .sorted { ($1.0.priority, $0.1) < ($0.0.priority, $1.1) }
                .map(\.0)
    }

    func count(of lane: Lane) -> Int { counts[lane] ?? 0 }

    /// Adds a caller.
    ///
    /// - Parameter again: whether the caller was served before, with a permit that became void, and takes its old
    ///   place.
    mutating func add(_ entry: Entry, again: Bool = false) {
        entries[entry.id] = entry
        counts[entry.lane, default: 0] += 1
        if again {
            order[entry.lane, default: FIFO()].prepend(entry.id)
        } else {
            order[entry.lane, default: FIFO()].append(entry.id)
        }
        if entry.deadline != .max { deadlines.insert(.init(time: entry.deadline, id: entry.id)) }
    }

    /// The caller of a lane that came first.
    mutating func first(of lane: Lane) -> Entry? {
        guard counts[lane] != nil else { return nil }
        while let id = order[lane]?.first {
            if let entry = entries[id] { return entry }
            _ = order[lane]?.popFirst()
        }
        return nil
    }

    /// Takes a caller out, wherever it stands. `nil` if it is gone.
    mutating func remove(_ id: UInt64) -> Entry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        let left = (counts[entry.lane] ?? 1) - 1
        if left > 0 {
            counts[entry.lane] = left
            if let queue = order[entry.lane], queue.count > 2 * left + 64 {
                order[entry.lane]?.filter { [entries] in entries[$0] != nil }
            }
        } else {
            counts[entry.lane] = nil
            order[entry.lane] = nil
        }
        if deadlines.count > 2 * entries.count + 64 { deadlines.compact { [entries] in entries[$0] != nil } }
        return entry
    }

    /// The earliest deadline. `nil` if nobody has one.
    mutating func nextDeadline() -> Microseconds? {
        while let entry = deadlines.first {
            if entries[entry.id] != nil { return entry.time }
            deadlines.removeFirst()
        }
        return nil
    }

    /// Takes out all callers whose deadline has come.
    mutating func removeExpired(at now: Microseconds) -> [Entry] {
        var expired: [Entry] = []
        while let deadline = nextDeadline(), deadline <= now, let entry = deadlines.first {
            deadlines.removeFirst()
            if let removed = remove(entry.id) { expired.append(removed) }
        }
        return expired
    }

    /// Takes out the callers of a lane whose deadline is before a time.
    mutating func removeAll(of lane: Lane, before time: Microseconds) -> [Entry] {
        guard let earliest = nextDeadline(), earliest < time, let queue = order[lane] else { return [] }
        return queue.all.filter { id in entries[id].map { $0.deadline < time } ?? false }.compactMap { remove($0) }
    }

    /// Takes out all callers.
    mutating func removeAll() -> [Entry] {
        let all = entries.values.sorted { $0.id < $1.id }
        self = WaitingQueue()
        return all
    }
}

extension FIFO<UInt64> {
    /// The first number whose caller still waits.
    fileprivate func first<Entry>(in entries: [UInt64: Entry]) -> UInt64? { all.first { entries[$0] != nil } }
}

/// A binary heap of deadlines, the earliest first.
private struct DeadlineHeap: Sendable {
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

    /// Keeps the entries whose number fits.
    mutating func compact(_ keeps: (UInt64) -> Bool) {
        let kept = entries.filter { keeps($0.id) }
        entries = []
        for entry in kept { insert(entry) }
    }
}
