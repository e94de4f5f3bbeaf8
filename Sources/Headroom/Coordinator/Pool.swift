// SPDX-License-Identifier: Apache-2.0

/// Permits that nobody has yet, by tenant and by the priority they were granted for.
///
/// A permit serves calls of its own tenant, at its own priority or a higher one: one granted for a lower priority has left
/// the lower one's floor.
struct Pool: Sendable {
    private var lanes = TenantTable(PerPriority { FIFO<PermitRun>() })
    private var demands = TenantTable(PerPriority { DemandMeter() })
    private(set) var count = 0

    /// Tenants of which something is kept: permits, or a demand.
    var tenants: Int { Set(lanes.named.keys).union(demands.named.keys).count }

    mutating func add(_ run: PermitRun) {
        guard run.count > 0 else { return }
        count += run.count
        let lane = run.batch.lane
        if let first = lanes[lane.tenant][lane.priority].first, run.nextSlot < first.nextSlot {
            lanes[lane.tenant][lane.priority].prepend(run)
        } else {
            lanes[lane.tenant][lane.priority].append(run)
        }
    }

    /// The slot of the next permit that fits.
    func nextSlot(for lane: Lane) -> Microseconds? {
        guard count > 0, let priority = best(for: lane) else { return nil }
        return lanes[lane.tenant][priority].first?.nextSlot
    }

    /// Takes the permit that fits with the earliest slot, if that is not after `latest`.
    mutating func take(for lane: Lane, latest: Microseconds) -> Permit? {
        demands[lane.tenant][lane.priority].taken += 1
        guard count > 0, let priority = best(for: lane) else { return nil }
        guard let permit = Self.take(from: &lanes[lane.tenant][priority], latest: latest) else { return nil }
        count -= 1
        if let tenant = lane.tenant { forgetEmpty(tenant) }
        return permit
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

    /// Lanes that keep a stock.
    var stocked: [Lane] {
        demands.all.flatMap { tenant, priorities in
            Priority.allCases.filter { priorities[$0].stock > 0 }.map { Lane(tenant: tenant, priority: $0) }
        }
    }

    /// Measures all lanes' demand, and forgets tenants that have none.
    mutating func measureDemand(at now: Microseconds) {
        for tenant in demands.all.map(\.tenant) {
            for priority in Priority.allCases { demands[tenant][priority].measure(at: now) }
            if let tenant, Priority.allCases.allSatisfy({ demands[tenant][$0].isIdle }) { demands.named[tenant] = nil }
        }
    }

    private static func take(from queue: inout FIFO<PermitRun>, latest: Microseconds) -> Permit? {
        guard var run = queue.first, run.nextSlot <= latest else { return nil }
        let permit = run.take()
        if run.count == 0 { _ = queue.popFirst() } else { queue.first = run }
        return permit
    }

    private func best(for lane: Lane) -> Priority? {
        var best: (priority: Priority, slot: Microseconds)?
        let queues = lanes[lane.tenant]
        for priority in [lane.priority, .normal, .background] where priority <= lane.priority {
            guard let slot = queues[priority].first?.nextSlot, best.map({ slot < $0.slot }) ?? true else { continue }
            best = (priority, slot)
        }
        return best?.priority
    }

    /// How many permits a lane's own grants left.
    func count(granted lane: Lane) -> Int {
        count == 0 ? 0 : lanes[lane.tenant][lane.priority].all.reduce(0) { $0 + $1.count }
    }

    /// The earliest slot of all; nil where the pool is empty.
    var earliest: Microseconds? {
        guard count > 0 else { return nil }
        var earliest = Microseconds.max
        forEachQueue { queue in if let first = queue.first { earliest = min(earliest, first.nextSlot) } }
        return earliest
    }

    private func forEachQueue(_ body: (FIFO<PermitRun>) -> Void) {
        for priority in Priority.allCases {
            body(lanes.plain[priority])
            for queues in lanes.named.values { body(queues[priority]) }
        }
    }

    /// Takes out the permits whose slot was before that time, and says how many of each tenant they were.
    mutating func removeAll(before time: Microseconds) -> [(tenant: Tenant?, count: Int)] {
        guard count > 0 else { return [] }
        var removed: [(tenant: Tenant?, count: Int)] = []
        for tenant in [nil] + lanes.named.keys.map(Optional.some) {
            var dropped = 0
            for priority in Priority.allCases {
                while var run = lanes[tenant][priority].first {
                    let stale = time == .max ? run.count : run.count(before: time)
                    guard stale > 0 else { break }
                    dropped += stale
                    run.drop(stale)
                    if run.count == 0 {
                        _ = lanes[tenant][priority].popFirst()
                    } else {
                        lanes[tenant][priority].first = run
                    }
                }
            }
            if dropped > 0 { removed.append((tenant, dropped)) }
        }
        for (tenant, dropped) in removed {
            count -= dropped
            if let tenant { forgetEmpty(tenant) }
        }
        return removed
    }

    private mutating func forgetEmpty(_ tenant: Tenant) {
        if Priority.allCases.allSatisfy({ lanes[tenant][$0].isEmpty }) { lanes.named[tenant] = nil }
    }
}
