// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// Permits of one lane that nobody has yet, in the order of their slots.
struct PermitQueue: Sendable {
    private var runs = FIFO<PermitRun>()
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// The slot of the next permit; nil where there is none.
    var nextSlot: Microseconds? { count == 0 ? nil : runs[runs.indices.lowerBound].nextSlot }

    /// Adds permits: in front where theirs is the earliest slot, or the same and they had been in front before.
    mutating func add(_ run: PermitRun, isReturned: Bool = false) {
        guard run.count > 0 else { return }
        count += run.count
        if let next = runs.first?.nextSlot, run.nextSlot < next || (isReturned && run.nextSlot == next) {
            runs.prepend(run)
        } else {
            runs.append(run)
        }
    }

    /// Takes the next permit, if its slot is not after `latest`.
    mutating func take(latest: Microseconds) -> Permit? {
        guard let slot = nextSlot, slot <= latest else { return nil }
        let first = runs.indices.lowerBound
        let permit = runs[first].take()
        count -= 1
        if runs[first].count == 0 { _ = runs.popFirst() }
        return permit
    }

    /// Takes permits that follow each other and whose slots have come; nil where the next one's has not.
    mutating func takeRun(upTo maximum: Int, at now: Microseconds) -> PermitRun? {
        guard let slot = nextSlot, slot <= now, maximum > 0 else { return nil }
        let first = runs.indices.lowerBound
        let taken = runs[first].split(min(maximum, runs[first].count(before: now + 1)))
        count -= taken.count
        if runs[first].count == 0 { _ = runs.popFirst() }
        return taken
    }

    /// Takes out the permits whose slot was before that time, and says how many they were.
    mutating func removeAll(before time: Microseconds) -> Int {
        var removed = 0
        while !runs.isEmpty {
            let first = runs.indices.lowerBound
            let stale = time == .max ? runs[first].count : runs[first].count(before: time)
            guard stale > 0 else { break }
            removed += stale
            runs[first].drop(stale)
            if runs[first].count == 0 { _ = runs.popFirst() }
        }
        count -= removed
        return removed
    }
}
