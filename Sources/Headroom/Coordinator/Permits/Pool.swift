// SPDX-License-Identifier: Apache-2.0

/// Permits that nobody has yet, by tenant and by the priority they were granted for.
///
/// A permit serves calls of its own tenant, at its own priority or a higher one: one granted for a lower priority has
/// left the lower one's floor.
struct Pool: Sendable {
    private var lanes = TenantTable(PerPriority { PermitQueue() })
    private var demands = TenantTable(PerPriority { DemandMeter() })
    private(set) var count = 0
    /// Lanes that keep a stock, as last measured.
    private(set) var stocked: [Lane] = []

    /// Tenants of which something is kept: permits, or a demand.
    var tenants: Int { Set(lanes.named.keys).union(demands.named.keys).count }

    /// Adds permits. `isReturned`: they were in the pool before.
    mutating func add(_ run: PermitRun, isReturned: Bool = false) {
        guard run.count > 0 else { return }
        count += run.count
        let lane = run.batch.lane
        lanes[lane.tenant][lane.priority].add(run, isReturned: isReturned)
    }

    /// The slot of the next permit that fits.
    func nextSlot(for lane: Lane) -> Microseconds? { count > 0 ? best(for: lane)?.slot : nil }

    /// Takes the permit that fits with the earliest slot, if that is not after `latest`.
    mutating func take(for lane: Lane, latest: Microseconds) -> Permit? {
        guard count > 0, let best = best(for: lane), best.slot <= latest else { return nil }
        guard let permit = lanes[lane.tenant][best.priority].take(latest: latest) else { return nil }
        noteTaken(1, for: lane)
        count -= 1
        if let tenant = lane.tenant { forgetEmpty(tenant) }
        return permit
    }

    /// Takes a share of a lane's stock whose slots have come, small enough that it is not missed where it lies; nil
    /// where the lane's stock is too small to be shared out.
    mutating func takeShare(of lane: Lane, at now: Microseconds) -> PermitRun? {
        guard mayShare(lane) else { return nil }
        let taken = lanes[lane.tenant][lane.priority].takeRun(upTo: share(of: lane), at: now)
        count -= taken?.count ?? 0
        return taken
    }

    func mayShare(_ lane: Lane) -> Bool { share(of: lane) >= Self.shareMinimum }

    private func share(of lane: Lane) -> Int { demands[lane.tenant][lane.priority].stock / Self.shares }

    private static let shares = 64
    private static let shareMinimum = 8

    /// Counts permits as taken by a lane's callers.
    mutating func noteTaken(_ taken: Int, for lane: Lane) {
        if taken > 0 { demands[lane.tenant][lane.priority].taken += taken }
    }

    /// How many permits a lane lacks to have its stock.
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

    /// Where the permit with the earliest slot lies; of equal ones, the one of the highest priority.
    private func best(for lane: Lane) -> (priority: Priority, slot: Microseconds)? {
        var best: (priority: Priority, slot: Microseconds)?
        var rank = lane.priority.rawValue
        while let priority = Priority(rawValue: rank) {
            if let slot = lanes[lane.tenant][priority].nextSlot, slot < best?.slot ?? .max { best = (priority, slot) }
            rank -= 1
        }
        return best
    }

    /// How many permits a lane's own grants left.
    func count(granted lane: Lane) -> Int { count == 0 ? 0 : lanes[lane.tenant][lane.priority].count }

    /// The earliest slot of all; nil where the pool is empty.
    var earliest: Microseconds? {
        guard count > 0 else { return nil }
        return lanes.all.flatMap { _, queues in Priority.allCases.compactMap { queues[$0].nextSlot } }.min()
    }

    /// Takes out the permits whose slot was before that time, and says how many of each tenant they were. A lane whose
    /// permits nobody took has no demand any more.
    mutating func removeAll(before time: Microseconds) -> [(tenant: Tenant?, count: Int)] {
        guard count > 0 else { return [] }
        var removed: [(tenant: Tenant?, count: Int)] = []
        for tenant in [nil] + lanes.named.keys.map(Optional.some) {
            var dropped = 0
            for priority in Priority.allCases {
                let stale = lanes[tenant][priority].removeAll(before: time)
                if stale > 0 { demands[tenant][priority] = DemandMeter() }
                dropped += stale
            }
            guard dropped > 0 else { continue }
            removed.append((tenant, dropped))
            count -= dropped
            if let tenant { forgetEmpty(tenant) }
        }
        return removed
    }

    private mutating func forgetEmpty(_ tenant: Tenant) {
        if Priority.allCases.allSatisfy({ lanes[tenant][$0].isEmpty }) { lanes.named[tenant] = nil }
    }
}
