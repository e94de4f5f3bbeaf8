// SPDX-License-Identifier: Apache-2.0

extension CoordinatorMachine {
    /// Whether stripes may have a share of a lane's stock. Not while somebody waits: then every permit is handed over
    /// here.
    func mayShare(_ lane: Lane) -> Bool { lane.tenant == nil && isQuiet && pool.mayShare(lane) }

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

    /// Whether a stripe may count the next endings by itself, after one that was told here: the exchange that will tell
    /// of them is due. Not while somebody waits: it may be for just that ending.
    func mayOpen(_ lease: LeaseRecord) -> Bool { lease.permit.tenant == nil && isQuiet && !box.isEmpty }

    /// Lets a stripe count endings by itself.
    mutating func open(_ stripe: inout Stripe) {
        isSpread = true
        stripe.open(oldest: leases.oldest)
    }

    private var isQuiet: Bool { phase == .running && waiting.isEmpty && fallback == nil }

    /// Takes back all that a stripe has.
    mutating func takeBack(_ stripe: inout Stripe, at now: Microseconds) {
        for run in stripe.left { pool.add(run, isReturned: true) }
        for priority in Priority.allCases {
            let handed = stripe.handed[priority]
            pool.noteTaken(handed, for: Lane(tenant: nil, priority: priority))
            counted.acquired += Int64(handed)
            if let cohort = stripe.terms?.cohort { leases.change(cohort, by: handed) }
        }
        for (cohort, count) in stripe.ended { leases.change(cohort, by: -count) }
        let endings = stripe.endings
        counted.accepted += Int64(endings.accepted)
        counted.dropped += Int64(endings.dropped)
        counted.cancelled += Int64(endings.cancelled)
        box.spend(nil, endings.accepted + endings.dropped, accepted: endings.accepted, at: now)
        box.giveBack(nil, endings.cancelled, at: now)
        stripe.clear()
    }
}
