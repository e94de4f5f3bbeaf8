// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomCLI
import Testing

@Suite("Limits on the command line")
struct LimitRuleTests {
    @Test(
        "A rule says the limit, its capacity and its window",
        arguments: [
            ("throttle=1500/60s", "throttle", 1500, Limit.Window.rolling(.seconds(60))),
            ("throttle=300/10s", "throttle", 300, .rolling(.seconds(10))),
            ("throttle=90/1m", "throttle", 90, .rolling(.seconds(60))),
            ("throttle=90/2min", "throttle", 90, .rolling(.seconds(120))),
            ("own-limit=5/500ms", "own-limit", 5, .rolling(.milliseconds(500))),
            ("own=5/1.5s", "own", 5, .rolling(.milliseconds(1500))),
            ("hourly=1000/1h", "hourly", 1000, .rolling(.seconds(3600))),
            ("quota=60/day", "quota", 60, .day),
            ("spike=25/1s", "spike", 25, .paced(.seconds(1))),
            ("spike=600/1m", "spike", 600, .paced(.seconds(60))),
        ])
    func rules(text: String, name: String, capacity: Int, window: Limit.Window) throws {
        let rule = try LimitRule(text)
        #expect(rule.name.text == name)
        #expect(rule.setting == .capacity(capacity, window))
        #expect(!rule.isTenants)
    }

    @Test("A rule may leave out the window, take a limit off, or speak of tenants")
    func otherRules() throws {
        #expect(try LimitRule("quota=60").setting == .capacity(60, nil))
        #expect(try LimitRule("spike=off").setting == .off)
        let tenants = try LimitRule("tenant-throttle=100/10s")
        #expect(tenants.isTenants)
        #expect(tenants.name == .throttle)
    }

    @Test(
        "What cannot be read is an error that shows the text and what would be right",
        arguments: [
            ("throttle", "NAME=CAPACITY/WINDOW"), ("=5/1s", "1 to 32"), ("Throttle=5/1s", "a-z"),
            ("tenant-=5/1s", "1 to 32"),
            ("throttle=/60s", "whole number"), ("throttle=0/60s", "whole number"), ("throttle=-1/60s", "whole number"),
            ("throttle=1e3/60s", "whole number"), ("throttle=99999999999/60s", "whole number"),
            ("throttle=5/", "60s"), ("throttle=5/60", "60s"), ("throttle=5/s", "60s"), ("throttle=5/0s", "60s"),
            ("throttle=5/-1s", "60s"), ("throttle=5/1d", "day"), ("throttle=5/nans", "60s"),
            ("throttle=5/1.2.3s", "60s"),
            ("throttle=5/1e9h", "60s"), ("throttle=5/999999999h", "60s"), ("spike=5/day", "paced"),
        ])
    func errors(text: String, advice: String) {
        let error = #expect(throws: OptionError.self) { try LimitRule(text) }
        #expect(error?.description.contains("'\(text)'") == true)
        #expect(error?.description.contains(advice) == true, "\(error?.description ?? "")")
    }

    @Test("Rules replace, add and take off limits of a plan, and leave the others")
    func plans() throws {
        let rules = try ["throttle=300/10s", "spike=off", "own=7/1s", "quota=60", "tenant-quota=off"].map(
            LimitRule.init)
        let plan = try Plan.named("keap-oauth").applying(rules)
        #expect(
            plan.productLimits == [
                try Limit(.throttle, capacity: 300, window: .rolling(.seconds(10))),
                try Limit(.quota, capacity: 60, window: .day),
                try Limit(try #require(LimitName("own")), capacity: 7, window: .rolling(.seconds(1))),
            ])
        #expect(plan.tenantLimits.map(\.name) == [.throttle])
        #expect(plan.tenantLimits == Plan.keapOAuth.tenantLimits.filter { $0.name == .throttle })
    }

    @Test(
        "Rules that no plan can follow are errors",
        arguments: [
            (["own=off"], "'own'"), (["own=5"], "give a window"),
            (["spike=off", "throttle=off", "quota=off"], "no product limit"),
            (["throttle=5/10ms"], "0.1 s"), (["spike=1/10s"], "2 s"), (["tenant-spike=5"], "'tenant-spike=5'"),
        ])
    func impossible(rules: [String], advice: String) {
        let error = #expect(throws: OptionError.self) { try Plan.keapOAuth.applying(rules.map(LimitRule.init)) }
        #expect(error?.description.contains(advice) == true, "\(error?.description ?? "")")
    }

    @Test("A plan is found by its name, and an unknown one is an error that lists them")
    func planNames() throws {
        #expect(try Plan.named("keap-pat") == .keapPersonalAccessToken)
        #expect(try Plan.named("keap-sak") == .keapServiceAccountKey)
        let error = #expect(throws: OptionError.self) { try Plan.named("keap") }
        #expect(error?.description == "plan 'keap' is none of keap-oauth, keap-pat, keap-sak")
    }

    @Test(
        "A window is written as it is read",
        arguments: [
            (Limit.Window.day, "day"), (.rolling(.seconds(60)), "60s"), (.rolling(.milliseconds(1500)), "1500ms"),
            (.paced(.seconds(1)), "1s"), (.rolling(.seconds(7200)), "2h"),
        ])
    func windows(window: Limit.Window, text: String) { #expect(SpanText.text(window) == text) }
}
