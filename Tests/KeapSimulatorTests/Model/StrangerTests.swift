// SPDX-License-Identifier: Apache-2.0

import KeapSimulator
import Testing

@Suite("Strangers")
struct StrangerTests {
    @Test("Steady strangers use the product's windows as time passes, evenly")
    func steady() throws {
        var configuration = VendorConfiguration.keapOAuth
        configuration.strangers = [try Strangers(perMinute: 480)]
        var vendor = VendorModel(configuration, start: midnight)
        let report = vendor.report(at: midnight + 10 * minute - 1)
        #expect(report.strangers.accepted == 4_800)
        #expect(report.total == 0)
        #expect(report.series.allSatisfy { (7...9).contains($0.strangers) })
        let used = vendor.reported("x-keap-product-throttle-used", at: midnight + 10 * minute) ?? -1
        #expect((480...482).contains(used))
    }

    @Test("Strangers in bursts come in the first third of each period")
    func bursts() throws {
        var configuration = unlimited
        configuration.strangers = [try Strangers(perMinute: 480, shape: .bursts(every: .seconds(15)))]
        var vendor = VendorModel(configuration, start: midnight)
        let report = vendor.report(at: midnight + 5 * minute - 1)
        #expect(report.strangers.accepted == 2_400)
        #expect(report.series.allSatisfy { $0.second % 15 < 5 && (23...25).contains($0.strangers) })
        #expect(report.series.count == 100)
    }

    @Test("Strangers obey the limits: one beyond them is rejected and not counted")
    func obedient() throws {
        var configuration = unlimited
        configuration.throttle = try WindowLimit(100, per: .seconds(60), counting: .calendar)
        configuration.strangers = [try Strangers(perMinute: 240)]
        var vendor = VendorModel(configuration, start: midnight)
        #expect(vendor.receive(at: midnight + minute - 1).outcome == .rejected(by: .throttle))
        let report = vendor.report(at: midnight + minute - 1)
        #expect((report.strangers.accepted, report.strangers.rejected) == (100, 140))
        #expect(report.limits["throttle"]?.peak == 100)
        #expect(report.rejected.throttle == 1)
    }

    @Test("Strangers of a tenant use its windows only, or the product's too")
    func tenants() throws {
        var configuration = VendorConfiguration.keapOAuth
        configuration.tenants = .scalar
        configuration.strangers = [
            try Strangers(perMinute: 60, target: .tenant("a")),
            try Strangers(perMinute: 120, target: .productAndTenant("b")),
        ]
        var vendor = VendorModel(configuration, start: midnight)
        #expect(vendor.reported("x-keap-tenant-throttle-used", tenant: "a", at: midnight + minute - 1) == 61)
        #expect(vendor.reported("x-keap-tenant-throttle-used", tenant: "b", at: midnight + minute - 1) == 121)
        #expect(vendor.report(at: midnight + minute - 1).limits["throttle"]?.used == 122)
    }

    @Test("Shares are reported with strangers and without")
    func shares() throws {
        var configuration = unlimited
        configuration.throttle = try WindowLimit(600, per: .seconds(60), counting: .rolling)
        configuration.strangers = [try Strangers(perMinute: 300)]
        var vendor = VendorModel(configuration, start: midnight - minute)
        _ = vendor.send((0..<600).map { midnight + $0 * second })
        let use = try #require(vendor.report(at: midnight + 599 * second).limits["throttle"])
        #expect(abs(use.share - 0.6) < 0.002)
        #expect(abs(use.shareOfCallers - 0.1) < 0.001)
    }

    @Test("Rates and periods out of range are errors")
    func errors() {
        #expect(throws: SimulatorError.self) { try Strangers(perMinute: 0) }
        #expect(throws: SimulatorError.self) { try Strangers(perMinute: 1, shape: .bursts(every: .seconds(15))) }
    }
}
