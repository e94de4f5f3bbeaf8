// SPDX-License-Identifier: Apache-2.0

import Headroom
import Testing

@Suite("Names of limits, tenants and priorities")
struct NameTests {
    @Test(
        "A limit's name is 1 to 32 of a to z, 0 to 9 and hyphen",
        arguments: ["a", "spike", "per-2-weeks", "-", "9", String(repeating: "z", count: 32)])
    func limitName(text: String) throws {
        let name = try #require(LimitName(text))
        #expect(name.text == text)
        #expect(name.description == text)
    }

    @Test(
        "Any other limit's name fails",
        arguments: ["", "Spike", "a b", "a_b", "ä", "a{b}", "a\u{0}", "a:b", String(repeating: "z", count: 33)])
    func wrongLimitName(text: String) {
        #expect(LimitName(text) == nil)
    }

    @Test("The known names are those a user would write, and sort by text")
    func knownNames() {
        #expect(LimitName.spike == LimitName("spike"))
        #expect(LimitName.throttle == LimitName("throttle"))
        #expect(LimitName.quota == LimitName("quota"))
        #expect([LimitName.throttle, .spike, .quota].sorted(by: <) == [.quota, .spike, .throttle])
    }

    @Test(
        "A tenant's name is 1 to 128 bytes of printable ASCII",
        arguments: ["a", "ab123", "example.infusionsoft.com", "!~:/|\"", String(repeating: "x", count: 128)])
    func tenant(name: String) throws {
        let tenant = try #require(Tenant(name))
        #expect(tenant.name == name)
        #expect("\(tenant)" == name)
    }

    @Test(
        "Any other tenant's name fails",
        arguments: [
            "", " ", "a b", "a\n", "{a}", "a}", "é", "a\u{7F}", "\u{0}", String(repeating: "x", count: 129),
            String(repeating: "é", count: 64),
        ])
    func wrongTenant(name: String) {
        #expect(Tenant(name) == nil)
    }

    @Test("Tenants sort by name")
    func tenantOrder() {
        #expect(["b", "a", "C"].compactMap { Tenant($0) }.sorted(by: <).map(\.name) == ["C", "a", "b"])
    }

    @Test("Priorities rise from background to interactive")
    func priorities() {
        #expect(Priority.allCases.sorted() == [.background, .normal, .interactive])
        #expect(Priority.allCases.sorted().map { "\($0)" } == ["background", "normal", "interactive"])
        #expect(Priority.allCases.sorted().map(\.rank) == [0, 1, 2])
    }

    @Test("A limit is named with its tenant, where it is one's")
    func references() throws {
        let tenant = try #require(Tenant("ab123"))
        #expect("\(LimitReference(.product, .quota))" == "quota")
        #expect("\(LimitReference(.tenant(tenant), .quota))" == "quota of tenant ab123")
        #expect("\(BudgetScope.product)" == "product")
        #expect("\(BudgetScope.tenant(tenant))" == "tenant ab123")
        #expect(LimitReference(.product, .quota) != LimitReference(.tenant(tenant), .quota))
    }
}
