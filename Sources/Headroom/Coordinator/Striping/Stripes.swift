// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// The stripes of a coordinator, each behind a lock of its own, so that threads on different cores rarely meet.
///
/// Locks are taken in one order: the machine's first, then those of stripes by their number. A thread that took a
/// stripe's lock without the machine's takes no other.
final class Stripes: Sendable {
    private final class Cell: Sendable {
        let stripe = Mutex(Stripe())
        /// Keeps two stripes out of one line of the cache.
        private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
    }

    static let count = 8
    private let cells = (0..<count).map { _ in Cell() }

    /// Runs a body with the stripe of the current thread.
    func withMine<Result: Sendable>(_ body: (inout Stripe) -> Result) -> Result {
        cells[Self.place()].stripe.withLock { body(&$0) }
    }

    /// Collects all permits and counts of the stripes into the machine. All stripes are locked meanwhile, so that a
    /// lease that was handed over at one and ended at another is seen at both or at neither.
    func collect(into machine: inout CoordinatorMachine, at now: Microseconds, from place: Int = 0) {
        guard place < cells.count else { return }
        cells[place].stripe.withLock { stripe in
            collect(into: &machine, at: now, from: place + 1)
            if !stripe.isEmpty { machine.takeBack(&stripe, at: now) }
        }
    }

    /// The number of permits that are ready in all stripes.
    var ready: Int {
        cells.reduce(0) { sum, cell in sum + cell.stripe.withLock { $0.left.reduce(0) { $0 + $1.count } } }
    }

    /// A number that differs between threads most of the time, computed from the address of the thread's stack. Stacks
    /// are half a megabyte or eight apart, and a thread calls this function at nearly the same depth each time.
    @inline(never)
    private static func place() -> Int {
        var local: UInt8 = 0
        let address = withUnsafeMutablePointer(to: &local) { UInt(bitPattern: $0) }
        return Int(((address >> 19) &+ (address >> 23)) % UInt(count))
    }
}

/// A part of the hot path that one core has for itself, for calls that name no tenant: permits that are ready to be
/// handed over, and counts of what was handed over and how it ended.
///
/// A stripe decides nothing that needs more than these; everything else is the machine's. The machine gives a stripe
/// permits out of the pool while nobody waits, and takes back all permits and counts of all stripes before any decision
/// that needs all of them.
struct Stripe: Sendable {
    /// The counts of how leases ended at this stripe.
    struct Endings: Sendable {
        var accepted = 0
        var dropped = 0
        var cancelled = 0
    }

    private var ready = PerPriority<PermitRun?> { nil }
    /// Permits handed over since the stripe was emptied, by priority.
    private(set) var taken = PerPriority { 0 }
    private(set) var endings = Endings()
    /// The number of leases that ended at this stripe, by the cohort in which they were handed out.
    private(set) var ended: [(cohort: Int64, count: Int)] = []

    /// The terms of the newest permits. `nil` if the stripe was given none.
    private(set) var terms: Terms?
    /// The oldest cohort whose leases may end at this stripe. `nil` if none may: the machine must learn of the next
    /// end.
    private(set) var oldest: Int64?

    /// The terms under which a stripe may hand over permits.
    struct Terms: Sendable {
        /// The cohort of the leases.
        let cohort: Int64
        let generation: Int
        /// The end of the cohort, or of the time for which the permits are valid.
        let until: Microseconds
    }

    /// Whether there is nothing to take back.
    var isEmpty: Bool { terms == nil && oldest == nil }

    /// Hands over a permit. `nil` if the machine must be asked.
    mutating func take(_ priority: Priority, at now: Microseconds) -> CoordinatorMachine.LeaseRecord? {
        guard let terms, now < terms.until, let permit = ready[priority]?.takeIfAny() else { return nil }
        taken[priority] += 1
        return CoordinatorMachine.LeaseRecord(permit: permit, cohort: terms.cohort)
    }

    /// Counts the end of a lease, wherever it was handed out. `false` if the machine must count it.
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

    /// Whether the stripe's terms suffice to say that a lease may still be used.
    func knowsUsable(_ lease: CoordinatorMachine.LeaseRecord, at now: Microseconds) -> Bool {
        guard let terms, now < terms.until, lease.permit.batch.generation == terms.generation else { return false }
        return lease.cohort >= terms.cohort - 1
    }

    /// Whether a priority's permits are used up.
    func lacks(_ priority: Priority) -> Bool { ready[priority]?.count ?? 0 == 0 }

    /// Whether the stripe's permits were given under terms that still hold.
    func isUnder(cohort: Int64, generation: Int) -> Bool {
        terms.map { $0.cohort == cohort && $0.generation == generation } ?? true
    }

    /// Takes in permits of a priority that the stripe lacks.
    mutating func fill(_ run: PermitRun, under terms: Terms) {
        ready[run.batch.lane.priority] = run
        self.terms = terms
    }

    /// Allows the stripe to count endings.
    mutating func open(oldest: Int64) { self.oldest = oldest }

    /// The permits that are left.
    var left: [PermitRun] { Priority.allCases.compactMap { ready[$0] } }

    /// Empties the stripe.
    mutating func clear() {
        ended.removeAll(keepingCapacity: true)
        (ready, taken, endings) = (PerPriority { nil }, PerPriority { 0 }, Endings())
        (terms, oldest) = (nil, nil)
    }
}
