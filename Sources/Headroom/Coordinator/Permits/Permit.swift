// SPDX-License-Identifier: Apache-2.0

/// What the permits of one grant have in common.
final class GrantBatch: Sendable {
    let lane: Lane
    /// The generation of the permits, of which ``Membership`` keeps the newest: permits of an older one are void.
    let generation: Int
    /// The ledger's epoch. The marks mean nothing in another.
    let epoch: Int64
    /// The ledger's own count of each limit before the grant.
    let marks: [Mark]

    init(lane: Lane, generation: Int, epoch: Int64, marks: [Mark]) {
        (self.lane, self.generation, self.epoch, self.marks) = (lane, generation, epoch, marks)
    }
}

/// The right to make one call, from its slot on.
struct Permit: Sendable {
    let batch: GrantBatch
    /// The permit's place in the grant, from 1.
    let position: Int
    let slot: Microseconds

    var tenant: Tenant? { batch.lane.tenant }

    /// The ledger's own count of a limit when the permit was granted, the permit included. `nil` if the grant has no
    /// mark of the limit.
    func mark(of limit: LimitReference) -> Int64? {
        for mark in batch.marks where mark.limit == limit { return mark.count + Int64(position) }
        return nil
    }
}

/// Consecutive permits of one grant.
struct PermitRun: Sendable {
    private(set) var batch: GrantBatch
    private(set) var next: Int
    private(set) var last: Int
    /// The slot of the grant's first permit.
    let slot: Microseconds
    /// The distance of two slots in nanoseconds.
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

    /// The number of permits with a slot before a time.
    func count(before time: Microseconds) -> Int {
        guard nextSlot < time else { return 0 }
        guard spacing > 0 else { return count }
        return min(count, Int((time - nextSlot - 1) * 1000 / spacing) + 1)
    }

    /// Takes the next permit. `nil` if none is left.
    mutating func takeIfAny() -> Permit? { next <= last ? take() : nil }

    /// Splits the next permits off. They get a batch object of their own: cores that count references to one object
    /// wait for each other.
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
