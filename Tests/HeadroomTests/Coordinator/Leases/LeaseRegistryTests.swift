// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport
import Testing

@testable import Headroom

@Suite("Leases in callers' hands")
struct LeaseRegistryTests {
    /// Threads read the clock before they take the lock: the one that read later may come first.
    @Test("A thread that comes late with an earlier time splits no cohort: what has ended is not leased any more")
    func lateThread() throws {
        var leases = LeaseRegistry(maximum: .seconds(256))
        let moments: [Microseconds] = [5_000_000, 4_999_999, 5_000_001, 4_000_000, 6_000_000, 5_999_999, 6_000_000]
        let cohorts = moments.map { leases.add(nil, at: $0) }
        #expect(cohorts == cohorts.sorted(), "a lease belongs to the newest cohort there is")
        #expect(leases.permits(and: []) == [TenantPermits(tenant: nil, count: 7)])
        let removed = cohorts.map { leases.remove(nil, cohort: $0) }
        #expect(removed.allSatisfy { $0 })
        #expect(leases.permits(and: []).isEmpty && leases.count == 0)
        let expired = leases.removeExpired(at: 600_000_000)
        #expect(expired.isEmpty)
        #expect(leases.count == 0)
    }

    @Test("After all cohorts have expired, an earlier time opens none of them again")
    func expired() {
        var leases = LeaseRegistry(maximum: .seconds(256))
        let first = leases.add(nil, at: 5_000_000)
        let expired = leases.removeExpired(at: 300_000_000)
        #expect(expired.map(\.count) == [1])
        let second = leases.add(nil, at: 4_000_000)
        let removed = (leases.remove(nil, cohort: first), leases.remove(nil, cohort: second))
        #expect(second > first && removed == (false, true))
        #expect(leases.count == 0)
    }
}
