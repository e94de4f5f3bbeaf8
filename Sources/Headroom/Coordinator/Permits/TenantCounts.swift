// SPDX-License-Identifier: Apache-2.0

/// How many of something there are, in all and by tenant. Keeps only tenants that have some.
struct TenantCounts: Sendable {
    private(set) var count = 0
    private var counts = TenantTable(0)

    mutating func add(_ tenant: Tenant?) {
        count += 1
        counts[tenant] += 1
    }

    mutating func remove(_ tenant: Tenant?) {
        count -= 1
        counts[tenant] -= 1
        if let tenant, counts[tenant] == 0 { counts.named[tenant] = nil }
    }

    mutating func removeAll() -> [(tenant: Tenant?, count: Int)] {
        let all = counts.all.filter { $0.value > 0 }.map { (tenant: $0.tenant, count: $0.value) }
        self = TenantCounts()
        return all
    }
}
