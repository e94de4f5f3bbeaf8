// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// The permits that no caller has yet, by tenant and by the priority they were granted for.
///
/// A permit serves calls of its own tenant, at its own priority or a higher one: the ledger granted it although it had
/// to leave the floor of that priority free, which is at least as large as that of a higher one.
struct Pool: Sendable {
    private var lanes = TenantTable(PerPriority { PermitQueue() })
    private var demands = TenantTable(PerPriority { DemandMeter() })
    private(set) var count = 0
    /// The lanes that keep a stock, as of the newest measurement.
    private(set) var stocked: [Lane] = []

    /// The number of tenants of which permits or a demand are kept.
    var tenants: Int { Set(lanes.named.keys).union(demands.named.keys).count }

    /// Adds permits.
    ///
    /// - Parameter isReturned: whether they were in the pool before.
    mutating func add(_ run: PermitRun, isReturned: Bool = false) {
        guard run.count > 0 else { return }
        count += run.count
        let lane = run.batch.lane
        lanes[lane.tenant][lane.priority].add(run, isReturned: isReturned)
    }

    /// The slot of the next permit that fits a lane. `nil` if none does.
    func nextSlot(for lane: Lane) -> Microseconds? { count > 0 ? best(for: lane)?.slot : nil }

    /// Takes the permit with the earliest slot among those that fit. `nil` if that slot is after `latest`.
    mutating func take(for lane: Lane, latest: Microseconds) -> Permit? {
        guard count > 0, let best = best(for: lane), best.slot <= latest else { return nil }
        guard let permit = lanes[lane.tenant][best.priority].take(latest: latest) else { return nil }
        noteTaken(1, for: lane)
        count -= 1
        if let tenant = lane.tenant { forgetEmpty(tenant) }
        return permit
    }

    /// Takes a share of a lane's stock for a stripe: permits whose slots have come, so few that the pool hardly misses
    /// them. `nil` if the lane's stock is too small to be shared out.
    mutating func takeShare(of lane: Lane, at now: Microseconds) -> PermitRun? {
        guard mayShare(lane) else { return nil }
        let taken = lanes[lane.tenant][lane.priority].takeRun(upTo: share(of: lane), at: now)
        count -= taken?.count ?? 0
        return taken
    }

    /// Whether a lane's stock is large enough to be shared out.
    func mayShare(_ lane: Lane) -> Bool { share(of: lane) >= Self.shareMinimum }

    private func share(of lane: Lane) -> Int { demands[lane.tenant][lane.priority].stock / Self.shares }

    /// The number of shares that a stock makes.
    private static let shares = 64
    /// The fewest permits that are worth a share.
    private static let shareMinimum = 8

    /// Counts permits as taken by a lane's callers.
    mutating func noteTaken(_ taken: Int, for lane: Lane) {
        if taken > 0 { demands[lane.tenant][lane.priority].taken += taken }
    }

    /// The number of permits that a lane lacks to have its stock.
    func restock(_ lane: Lane) -> Int {
        max(0, demands[lane.tenant][lane.priority].stock - count(granted: lane))
    }

    /// Whether a lane has used up half of its stock.
    func isLow(_ lane: Lane) -> Bool {
        let stock = demands[lane.tenant][lane.priority].stock
        return stock > 0 && count(granted: lane) < stock / 2
    }

    /// Measures all lanes' demand, and forgets tenants that have none.
    mutating func measureDemand(at now: Microseconds) {
        var stocked: [Lane] = []
        var idle: [Tenant] = []
        demands.forEach { tenant, meters in
            var isIdle = true
            for priority in Priority.allCases {
                meters[priority].measure(at: now)
                if meters[priority].stock > 0 { stocked.append(Lane(tenant: tenant, priority: priority)) }
                isIdle = isIdle && meters[priority].isIdle
            }
            if isIdle, let tenant { idle.append(tenant) }
        }
        for tenant in idle { demands.named[tenant] = nil }
        self.stocked = stocked
    }

    /// The priority and slot of the permit with the earliest slot among those that fit; of equal ones, the highest
    /// priority.
    private func best(for lane: Lane) -> (priority: Priority, slot: Microseconds)? {
        var best: (priority: Priority, slot: Microseconds)?
        var rank = lane.priority.rank
        while let priority = Priority(rank: rank) {
            if let slot = lanes[lane.tenant][priority].nextSlot, slot < best?.slot ?? .max { best = (priority, slot) }
            rank -= 1
        }
        return best
    }

    /// The number of permits left of a lane's own grants.
    func count(granted lane: Lane) -> Int { count == 0 ? 0 : lanes[lane.tenant][lane.priority].count }

    /// The earliest slot of all permits. `nil` if the pool is empty.
    var earliest: Microseconds? {
        guard count > 0 else { return nil }
        return lanes.all.flatMap { _, queues in Priority.allCases.compactMap { queues[$0].nextSlot } }.min()
    }

    /// Takes out the permits whose slot was before a time, and returns the number of each tenant's. A lane whose
    /// permits nobody took loses its demand with them.
    mutating func removeAll(before time: Microseconds) -> [(tenant: Tenant?, count: Int)] {
        guard count > 0 else { return [] }
        var all: [(tenant: Tenant?, count: Int)] = []
        for tenant in [nil] + lanes.named.keys.map(Optional.some) {
            var idle = 0
            for priority in Priority.allCases {
                let removed = lanes[tenant][priority].removeAll(before: time)
                if removed > 0 { demands[tenant][priority] = DemandMeter() }
                idle += removed
            }
            guard idle > 0 else { continue }
            all.append((tenant, idle))
            count -= idle
            if let tenant { forgetEmpty(tenant) }
        }
        return all
    }

    private mutating func forgetEmpty(_ tenant: Tenant) {
        if Priority.allCases.allSatisfy({ lanes[tenant][$0].isEmpty }) { lanes.named[tenant] = nil }
    }
}

/// The permits of one lane that no caller has yet, in the order of their slots.
struct PermitQueue: Sendable {
    private var runs = FIFO<PermitRun>()
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// The slot of the next permit. `nil` if there is none.
    var nextSlot: Microseconds? { count == 0 ? nil : runs[runs.indices.lowerBound].nextSlot }

    /// Adds permits: in front if their slot is the earliest, or as early and they were in front before.
    mutating func add(_ run: PermitRun, isReturned: Bool = false) {
        guard run.count > 0 else { return }
        count += run.count
        if let next = runs.first?.nextSlot, run.nextSlot < next || (isReturned && run.nextSlot == next) {
            runs.prepend(run)
        } else {
            runs.append(run)
        }
    }

    /// Takes the next permit. `nil` if its slot is after `latest`.
    mutating func take(latest: Microseconds) -> Permit? {
        guard let slot = nextSlot, slot <= latest else { return nil }
        let first = runs.indices.lowerBound
        let permit = runs[first].take()
        count -= 1
        if runs[first].count == 0 { _ = runs.popFirst() }
        return permit
    }

    /// Takes consecutive permits whose slots have come. `nil` if the next one's has not.
    mutating func takeRun(upTo maximum: Int, at now: Microseconds) -> PermitRun? {
        guard let slot = nextSlot, slot <= now, maximum > 0 else { return nil }
        let first = runs.indices.lowerBound
        let taken = runs[first].split(min(maximum, runs[first].count(before: now + 1)))
        count -= taken.count
        if runs[first].count == 0 { _ = runs.popFirst() }
        return taken
    }

    /// Takes out the permits whose slot was before a time, and returns their number.
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
