// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// The count of leases in callers' hands, by tenant and by when they were handed out.
///
/// Nothing is kept for a single lease. Leases handed out within the same 256th of the longest time that a lease may
/// last form a cohort, which ends as a whole when that time is over.
struct LeaseRegistry: Sendable {
    private let maximum: Microseconds
    private let span: Microseconds
    /// The number of the oldest cohort that has not ended.
    private(set) var oldest: Int64 = 0
    private var cohorts = FIFO<Cohort>()
    private var last: Cohort?
    private(set) var count = 0

    fileprivate struct Cohort: Sendable {
        let number: Int64
        var total = 0
        var open = TenantTable(0)

        mutating func change(_ tenant: Tenant?, by difference: Int) {
            open[tenant] += difference
            total += difference
        }
    }

    init(maximum: Duration) {
        self.maximum = max(1_000, maximum.microseconds)
        span = max(1, self.maximum / 256)
    }

    /// Opens the cohort of leases handed out now, if it is not open. Returns its number, and the time at which the next
    /// one begins.
    ///
    /// Never one before the newest: a thread reads the clock before it takes the lock, and may come after a thread that
    /// read it later. An earlier cohort that is opened again would split those that follow, and count as leased what
    /// has ended.
    mutating func open(at now: Microseconds) -> (number: Int64, end: Microseconds) {
        let number = max(now / span, last?.number ?? oldest)
        if last?.number != number {
            if let last { cohorts.append(last) }
            last = Cohort(number: number)
        }
        return (number, (number + 1) * span)
    }

    /// Counts a lease as handed out now, and returns the number of its cohort.
    mutating func add(_ tenant: Tenant?, at now: Microseconds) -> Int64 {
        let number = open(at: now).number
        last?.change(tenant, by: 1)
        count += 1
        return number
    }

    /// Counts a lease as ended. `false` if it had ended before with its cohort, because it lasted too long.
    mutating func remove(_ tenant: Tenant?, cohort number: Int64) -> Bool {
        guard number >= oldest else { return false }
        change(number, tenant, by: -1)
        return true
    }

    /// Counts leases of a cohort that stripes handed out, or ended if the difference is negative.
    mutating func change(_ number: Int64, _ tenant: Tenant? = nil, by difference: Int) {
        guard number >= oldest, difference != 0 else { return }
        count += difference
        if last?.number == number {
            last?.change(tenant, by: difference)
        } else {
            cohorts.update(number) { $0.change(tenant, by: difference) }
            while let first = cohorts.first, first.total == 0 { _ = cohorts.popFirst() }
        }
    }

    /// Whether leases of a cohort have not lasted too long.
    func isOpen(cohort number: Int64, at now: Microseconds) -> Bool {
        number >= oldest && now < number * span + maximum
    }

    /// The time at which the oldest leases will have lasted too long. `nil` if there are none.
    var nextEnd: Microseconds? {
        guard count > 0 else { return nil }
        guard let number = cohorts.first?.number ?? last?.number else { return nil }
        return number * span + maximum
    }

    /// Ends all leases that have lasted too long.
    mutating func removeExpired(at now: Microseconds) -> [(tenant: Tenant?, count: Int)] {
        var ended: [(tenant: Tenant?, count: Int)] = []
        while let cohort = cohorts.first ?? last, cohort.number * span + maximum <= now {
            if cohorts.popFirst() == nil { last = nil }
            oldest = cohort.number + 1
            count -= cohort.total
            ended += cohort.open.all.filter { $0.value > 0 }.map { ($0.tenant, $0.value) }
        }
        return ended
    }

    /// All leases that have not ended, and those whose end has not been reported, by tenant. If there are more tenants
    /// than a request holds, those with the fewest leases count as calls that name none.
    func permits(and unreported: [Settlement]) -> [TenantPermits] {
        var sums = TenantTable(0)
        for settlement in unreported { sums[settlement.tenant] += settlement.spent + settlement.unused }
        for cohort in Array(cohorts.all) + [last].compactMap({ $0 }) {
            for (tenant, count) in cohort.open.all where count > 0 { sums[tenant] += count }
        }
        let named = sums.named.sorted { ($1.value, $0.key.name) < ($0.value, $1.key.name) }
        let rest = named.dropFirst(JoinRequest.maximumPermits - 1).reduce(sums.plain) { $0 + $1.value }
        let listed = named.prefix(JoinRequest.maximumPermits - 1).map {
            TenantPermits(tenant: $0.key, count: $0.value)
        }
        return (rest > 0 ? [TenantPermits(tenant: nil, count: rest)] : []) + listed
    }
}

extension FIFO<LeaseRegistry.Cohort> {
    /// Changes a cohort in place. One that was dropped because it had no leases is added again.
    fileprivate mutating func update(_ number: Int64, _ change: (inout Element) -> Void) {
        for index in indices.reversed() where self[index].number == number { return change(&self[index]) }
        var cohort = Element(number: number)
        change(&cohort)
        let all = (Array(self.all) + [cohort]).sorted { $0.number < $1.number }
        self = FIFO()
        for cohort in all { append(cohort) }
    }
}
