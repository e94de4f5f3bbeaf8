// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// Callers that wait for a permit: by priority, within a lane in the order they came.
///
/// Adding, cancelling and timing out cost a logarithm of the number of waiters at most: a waiter that leaves early
/// stays as a mere number in its lane's queue, and is skipped there.
struct WaitingQueue<Ticket: Sendable>: Sendable {
    struct Waiter: Sendable {
        let id: UInt64
        let lane: Lane
        let deadline: Microseconds
        let ticket: Ticket
    }

    private var waiters: [UInt64: Waiter] = [:]
    private var order: [Lane: FIFO<UInt64>] = [:]
    private var counts: [Lane: Int] = [:]
    private var deadlines = DeadlineHeap()

    var count: Int { waiters.count }
    var isEmpty: Bool { waiters.isEmpty }

    /// Lanes in which somebody waits, most urgent first: by priority, then by who came first.
    var lanes: [Lane] {
        counts.count < 2
            ? Array(counts.keys)
            : counts.keys
                .map { lane in (lane, order[lane]?.first(where: waiters) ?? .max) }
                .sorted { ($1.0.priority, $0.1) < ($0.0.priority, $1.1) }
                .map(\.0)
    }

    func count(of lane: Lane) -> Int { counts[lane] ?? 0 }

    /// Adds a waiter; one that had been served before, and was served in vain, takes its old place.
    mutating func add(_ waiter: Waiter, again: Bool = false) {
        waiters[waiter.id] = waiter
        counts[waiter.lane, default: 0] += 1
        if again {
            order[waiter.lane, default: FIFO()].prepend(waiter.id)
        } else {
            order[waiter.lane, default: FIFO()].append(waiter.id)
        }
        if waiter.deadline != .max { deadlines.insert(.init(time: waiter.deadline, id: waiter.id)) }
    }

    /// The waiter of a lane that came first.
    mutating func first(of lane: Lane) -> Waiter? {
        guard counts[lane] != nil else { return nil }
        while let id = order[lane]?.first {
            if let waiter = waiters[id] { return waiter }
            _ = order[lane]?.popFirst()
        }
        return nil
    }

    /// Takes a waiter out, wherever it stands; nil where it is not there any more.
    mutating func remove(_ id: UInt64) -> Waiter? {
        guard let waiter = waiters.removeValue(forKey: id) else { return nil }
        let left = (counts[waiter.lane] ?? 1) - 1
        if left > 0 {
            counts[waiter.lane] = left
            if let queue = order[waiter.lane], queue.count > 2 * left + 64 {
                order[waiter.lane]?.filter { [waiters] in waiters[$0] != nil }
            }
        } else {
            counts[waiter.lane] = nil
            order[waiter.lane] = nil
        }
        if deadlines.count > 2 * waiters.count + 64 { deadlines.compact { [waiters] in waiters[$0] != nil } }
        return waiter
    }

    /// The earliest deadline; nil where nobody has one.
    mutating func nextDeadline() -> Microseconds? {
        while let entry = deadlines.first {
            if waiters[entry.id] != nil { return entry.time }
            deadlines.removeFirst()
        }
        return nil
    }

    /// Takes out all whose deadline has come.
    mutating func removeExpired(at now: Microseconds) -> [Waiter] {
        var expired: [Waiter] = []
        while let deadline = nextDeadline(), deadline <= now, let entry = deadlines.first {
            deadlines.removeFirst()
            if let waiter = remove(entry.id) { expired.append(waiter) }
        }
        return expired
    }

    /// Takes out all of a lane whose deadline is before that time.
    mutating func removeAll(of lane: Lane, before time: Microseconds) -> [Waiter] {
        guard let earliest = nextDeadline(), earliest < time, let queue = order[lane] else { return [] }
        return queue.all.filter { id in waiters[id].map { $0.deadline < time } ?? false }.compactMap { remove($0) }
    }

    /// Takes out everybody.
    mutating func removeAll() -> [Waiter] {
        let all = waiters.values.sorted { $0.id < $1.id }
        self = WaitingQueue()
        return all
    }
}

extension FIFO<UInt64> {
    /// The first number that is still a waiter's.
    fileprivate func first<Waiter>(where waiters: [UInt64: Waiter]) -> UInt64? { all.first { waiters[$0] != nil } }
}
