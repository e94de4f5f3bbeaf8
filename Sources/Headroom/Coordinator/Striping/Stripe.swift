// SPDX-License-Identifier: Apache-2.0

/// A part of the hot path that one core has for itself: some permits that are ready to be handed over, and counts of
/// what was handed over and how it ended, for calls that name no tenant.
///
/// It decides nothing that needs more than that: what it cannot do is the coordinator's. The coordinator gives it
/// permits out of its pool while nobody waits, and takes back all that it has, permits and counts, before it looks at
/// the whole.
struct Stripe: Sendable {
    /// How leases ended here.
    struct Endings: Sendable {
        var accepted = 0
        var dropped = 0
        var cancelled = 0
    }

    private var ready = PerPriority<PermitRun?> { nil }
    private(set) var handed = PerPriority { 0 }
    private(set) var endings = Endings()
    /// Of the leases that ended here, how many were handed out in which cohort.
    private(set) var ended: [(cohort: Int64, count: Int)] = []

    /// What the coordinator said when it last gave something: the cohort of leases handed out now, and when to ask
    /// anew.
    private(set) var terms: Terms?
    /// The oldest cohort of which leases may end here; nil: none, the coordinator must learn that something has ended.
    private(set) var oldest: Int64?

    /// Under which terms a stripe may hand over permits.
    struct Terms: Sendable {
        /// The cohort of the leases.
        let cohort: Int64
        let generation: Int
        /// The end of the cohort, or of the time until which the permits are good.
        let until: Microseconds
    }

    /// Whether there is nothing to take back.
    var isEmpty: Bool { terms == nil && oldest == nil }

    /// Hands over a permit; nil where the coordinator must be asked.
    mutating func take(_ priority: Priority, at now: Microseconds) -> CoordinatorMachine.LeaseRecord? {
        guard let terms, now < terms.until, let permit = ready[priority]?.takeIfAny() else { return nil }
        handed[priority] += 1
        return CoordinatorMachine.LeaseRecord(permit: permit, cohort: terms.cohort)
    }

    /// Counts the end of a lease that was handed out here or elsewhere; false where the coordinator must do so.
    mutating func end(_ lease: CoordinatorMachine.LeaseRecord, as ending: CoordinatorMachine.Ending) -> Bool {
        guard let oldest, lease.cohort >= oldest, lease.permit.tenant == nil else { return false }
        switch ending {
        case .accepted: endings.accepted += 1
        case .cancelled: endings.cancelled += 1
        case .dropped: endings.dropped += 1
        }
        if let index = ended.lastIndex(where: { $0.cohort == lease.cohort }) {
            ended[index].count += 1
        } else {
            ended.append((lease.cohort, 1))
        }
        return true
    }

    /// Whether it is certain from here that a lease may still be used.
    func knowsUsable(_ lease: CoordinatorMachine.LeaseRecord, at now: Microseconds) -> Bool {
        guard let terms, now < terms.until, lease.permit.batch.generation == terms.generation else { return false }
        return lease.cohort >= terms.cohort - 1
    }

    /// Whether a priority's permits are used up.
    func lacks(_ priority: Priority) -> Bool { ready[priority]?.count ?? 0 == 0 }

    /// Whether what is here was given under terms that still hold.
    func isUnder(cohort: Int64, generation: Int) -> Bool {
        terms.map { $0.cohort == cohort && $0.generation == generation } ?? true
    }

    /// Takes in permits of a priority that it lacks.
    mutating func fill(_ run: PermitRun, under terms: Terms) {
        ready[run.batch.lane.priority] = run
        self.terms = terms
    }

    /// Allows it to count endings.
    mutating func open(oldest: Int64) { self.oldest = oldest }

    /// What is left of the permits, to be taken back.
    var left: [PermitRun] { Priority.allCases.compactMap { ready[$0] } }

    /// Begins anew, with nothing.
    mutating func clear() {
        ended.removeAll(keepingCapacity: true)
        (ready, handed, endings) = (PerPriority { nil }, PerPriority { 0 }, Endings())
        (terms, oldest) = (nil, nil)
    }
}
