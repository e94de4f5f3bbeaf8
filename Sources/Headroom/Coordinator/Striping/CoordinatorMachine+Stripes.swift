// SPDX-License-Identifier: Apache-2.0

// What stripes get of the pool, and give back.
extension CoordinatorMachine {
    /// Whether stripes may have a share of a lane's stock. While somebody waits, they may not: the machine hands over
    /// every permit.
    func mayShare(_ lane: Lane) -> Bool { lane.tenant == nil && nobodyWaits && pool.mayShare(lane) }

    /// Gives a stripe a share of a lane's stock.
    mutating func fill(_ stripe: inout Stripe, _ lane: Lane, at now: Microseconds) {
        let (cohort, end) = leases.open(at: now)
        if !stripe.isUnder(cohort: cohort, generation: membership.generation) { takeBack(&stripe, at: now) }
        guard stripe.lacks(lane.priority), let share = pool.takeShare(of: lane, at: now) else { return }
        isSpread = true
        stripe.fill(
            share,
            under: .init(
                cohort: cohort, generation: membership.generation, until: min(end, membership.aliveUntil)))
    }

    /// Whether a stripe may count the next endings by itself, after one that the machine has counted: the exchange that
    /// reports that one will report them all. While somebody waits, a stripe may not: the wait may be for the next
    /// ending.
    func mayOpen(_ lease: LeaseRecord) -> Bool { lease.permit.tenant == nil && nobodyWaits && !outbox.isEmpty }

    /// Lets a stripe count endings by itself.
    mutating func open(_ stripe: inout Stripe) {
        isSpread = true
        stripe.open(oldest: leases.oldest)
    }

    private var nobodyWaits: Bool { phase == .running && waiting.isEmpty && !isInFallback }

    /// Takes back all permits and counts of a stripe.
    mutating func takeBack(_ stripe: inout Stripe, at now: Microseconds) {
        for run in stripe.left { pool.add(run, isReturned: true) }
        for priority in Priority.allCases {
            let taken = stripe.taken[priority]
            pool.noteTaken(taken, for: Lane(tenant: nil, priority: priority))
            counters.acquired += Int64(taken)
            if let cohort = stripe.terms?.cohort { leases.change(cohort, by: taken) }
        }
        for (cohort, count) in stripe.ended { leases.change(cohort, by: -count) }
        let endings = stripe.endings
        counters.accepted += Int64(endings.accepted)
        counters.dropped += Int64(endings.dropped)
        counters.cancelled += Int64(endings.cancelled)
        outbox.spend(nil, endings.accepted + endings.dropped, accepted: endings.accepted, at: now)
        outbox.giveBack(nil, endings.cancelled, at: now)
        stripe.clear()
    }
}
