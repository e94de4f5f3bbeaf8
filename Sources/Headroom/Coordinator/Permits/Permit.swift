// SPDX-License-Identifier: Apache-2.0

/// What all permits of one grant have in common.
final class GrantBatch: Sendable {
    let lane: Lane
    /// The membership that it was granted to: void after the instance had to join again.
    let generation: Int
    /// The ledger's epoch: the marks mean nothing in another.
    let epoch: Int64
    /// The ledger's own counts before the grant.
    let marks: [Mark]

    init(lane: Lane, generation: Int, epoch: Int64, marks: [Mark]) {
        (self.lane, self.generation, self.epoch, self.marks) = (lane, generation, epoch, marks)
    }
}

/// The right to make one call, from its slot on.
struct Permit: Sendable {
    let batch: GrantBatch
    /// Its place in the grant, from 1.
    let position: Int
    let slot: Microseconds

    var tenant: Tenant? { batch.lane.tenant }

    /// The ledger's own count of a limit when the permit was granted, the permit included.
    func mark(of limit: LimitReference) -> Int64? {
        for mark in batch.marks where mark.limit == limit { return mark.count + Int64(position) }
        return nil
    }
}

/// Permits of one grant that follow each other.
struct PermitRun: Sendable {
    private(set) var batch: GrantBatch
    private(set) var next: Int
    private(set) var last: Int
    /// The slot of the grant's first permit.
    let slot: Microseconds
    /// The distance of two slots, in nanoseconds.
    let spacing: Int64

    init(_ batch: GrantBatch, count: Int, slot: Microseconds, spacing: Int64) {
        (self.batch, next, last, self.slot, self.spacing) = (batch, 1, count, slot, spacing)
    }

    init(_ permit: Permit) {
        (batch, next, last, slot, spacing) = (permit.batch, permit.position, permit.position, permit.slot, 0)
    }

    var count: Int { last - next + 1 }

    /// The slot of the next permit.
    var nextSlot: Microseconds {
        spacing == 0 ? slot : slot.after((Int64(next) - 1).multipliedReportingOverflow(by: spacing).partialValue / 1000)
    }

    mutating func take() -> Permit {
        let permit = Permit(batch: batch, position: next, slot: nextSlot)
        next += 1
        return permit
    }

    /// How many of them have a slot before that time.
    func count(before time: Microseconds) -> Int {
        guard nextSlot < time else { return 0 }
        guard spacing > 0 else { return count }
        return min(count, Int((time - nextSlot - 1) * 1000 / spacing) + 1)
    }

    /// The next permit, if there is one left.
    mutating func takeIfAny() -> Permit? { next <= last ? take() : nil }

    /// Splits the next ones off. They get a copy of what they have in common: cores that count references to the same
    /// object wait for each other.
    mutating func split(_ count: Int) -> PermitRun {
        var part = self
        part.batch = GrantBatch(
            lane: batch.lane, generation: batch.generation, epoch: batch.epoch, marks: batch.marks)
        part.last = next + count - 1
        next += count
        return part
    }

    mutating func drop(_ count: Int) { next += count }
}
