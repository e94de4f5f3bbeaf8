// SPDX-License-Identifier: Apache-2.0

import Headroom
import Testing

@Suite("Plans")
struct PlanTests {
    @Test(
        "Keap's plans have the documented figures",
        arguments: [
            (Plan.keapOAuth, "keap-oauth", [25, 1_500, 150_000]),
            (.keapPersonalAccessToken, "keap-pat", [10, 240, 30_000]),
            (.keapServiceAccountKey, "keap-sak", [10, 240, 30_000]),
        ])
    func keap(plan: Plan, name: String, capacities: [Int]) {
        #expect(plan.name == name)
        #expect(plan.productLimits.map(\.name) == [.spike, .throttle, .quota])
        #expect(plan.productLimits.map(\.capacity) == capacities)
        #expect(plan.productLimits.map(\.window) == [.paced(.seconds(1)), .rolling(.seconds(60)), .day])
        #expect(plan.tenantLimits.map(\.name) == [.throttle, .quota])
        #expect(plan.tenantLimits.map(\.capacity) == [10_000, 250_000])
        #expect(plan.tenantLimits.map(\.window) == [.rolling(.seconds(60)), .day])
    }

    @Test("The limits of Keap's plans are ones that a user could make")
    func valid() throws {
        for plan in [Plan.keapOAuth, .keapPersonalAccessToken, .keapServiceAccountKey] {
            for limit in plan.productLimits + plan.tenantLimits {
                #expect(try Limit(limit.name, capacity: limit.capacity, window: limit.window) == limit)
            }
            #expect(
                try Plan(name: plan.name, productLimits: plan.productLimits, tenantLimits: plan.tenantLimits) == plan)
        }
    }

    private func limits(_ count: Int) throws -> [Limit] {
        try (0..<count).map { index in
            try Limit(try #require(LimitName("limit-\(index)")), capacity: 5, window: .day)
        }
    }

    @Test("A plan has 1 to 8 product limits and up to 8 of a tenant")
    func counts() throws {
        for (product, tenant) in [(1, 0), (8, 8), (1, 8)] {
            let plan = try Plan(name: "own", productLimits: limits(product), tenantLimits: limits(tenant))
            #expect(plan.productLimits.count == product)
            #expect(plan.tenantLimits.count == tenant)
        }
        #expect(throws: RateLimitError.self) { try Plan(name: "own", productLimits: [], tenantLimits: limits(1)) }
        for (product, tenant) in [(9, 0), (1, 9)] {
            let error = #expect(throws: RateLimitError.self) {
                try Plan(name: "own", productLimits: limits(product), tenantLimits: limits(tenant))
            }
            #expect(error?.message == "plan 'own' has 9 limits in one budget; at most 8")
        }
    }

    @Test("A name stands once in each budget")
    func names() throws {
        let day = try Limit(.quota, capacity: 5, window: .day)
        _ = try Plan(name: "own", productLimits: [day], tenantLimits: [day])
        for (product, tenant) in [([day, day], []), ([day], [day, day])] {
            let error = #expect(throws: RateLimitError.self) {
                try Plan(name: "own", productLimits: product, tenantLimits: tenant)
            }
            #expect(error?.message == "plan 'own' names a limit twice: quota, quota")
        }
    }
}
