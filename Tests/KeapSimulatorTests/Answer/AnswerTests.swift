// SPDX-License-Identifier: Apache-2.0

import KeapSimulator
import Testing

@Suite("Answers")
struct AnswerTests {
    private func names(_ answer: VendorAnswer) -> [String] { answer.headers.map(\.name) }

    @Test("The answer to a call of no tenant has the product's limits in the captured names")
    func product() {
        var vendor = VendorModel(.keapPersonalAccessToken, start: midnight)
        let answer = vendor.receive(at: midnight + 1)
        let captured = """
            date: Sun, 22 Nov 2026 00:00:00 GMT
            content-type: application/json
            x-keap-product-spike-limit: \

            x-keap-product-throttle-limit: 240
            x-keap-product-throttle-time-unit: minute
            x-keap-product-throttle-interval: 1
            x-keap-product-throttle-available: 239
            x-keap-product-throttle-used: 1
            x-keap-product-quota-limit: 30000
            x-keap-product-quota-time-unit: day
            x-keap-product-quota-interval: 1
            x-keap-product-quota-available: 29999
            x-keap-product-quota-used: 1
            x-keap-product-quota-expiry-time: 1795392000000
            """
        #expect(answer.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n") == captured)
        #expect(answer.status == 200)
    }

    @Test("A tenant's windows are one value, or two joined by a pipe, and each tenant is counted by itself")
    func tenants() {
        var configuration = VendorConfiguration.keapOAuth
        configuration.tenants = .piped
        var vendor = VendorModel(configuration, start: midnight)
        _ = vendor.receive(tenant: "a", at: midnight)
        _ = vendor.receive(tenant: "a", at: midnight)
        let answer = vendor.receive(tenant: "b", at: midnight)
        #expect(answer.header("X-Keap-Tenant-ID") == "b")
        #expect(answer.header("x-keap-tenant-throttle-limit") == "10000|250000")
        #expect(answer.header("x-keap-tenant-throttle-time-unit") == "minute|day")
        #expect(answer.header("x-keap-tenant-throttle-interval") == "1|1")
        #expect(answer.header("x-keap-tenant-throttle-available") == "9999|249999")
        #expect(answer.header("x-keap-tenant-throttle-used") == "1|1")
        #expect(answer.header("x-keap-product-throttle-used") == "3")

        configuration.tenants = .scalar
        vendor = VendorModel(configuration, start: midnight)
        #expect(vendor.receive(tenant: "a", at: midnight).header("x-keap-tenant-throttle-limit") == "10000")

        configuration.tenants = .none
        vendor = VendorModel(configuration, start: midnight)
        #expect(!names(vendor.receive(tenant: "a", at: midnight)).contains { $0.hasPrefix("x-keap-tenant-throttle") })
    }

    @Test("A tenant's minute and day reject by their own names, and the product does not count what they reject")
    func tenantRejections() throws {
        var configuration = VendorConfiguration.keapOAuth
        configuration.tenants = .piped
        configuration.tenantThrottle = try WindowLimit(2, per: .seconds(60), counting: .rolling)
        configuration.tenantQuota = try WindowLimit(3, per: .seconds(86_400), counting: .calendar)
        var vendor = VendorModel(configuration, start: midnight)
        #expect(vendor.send(Array(repeating: midnight, count: 2), tenant: "a") == [true, true])
        #expect(vendor.receive(tenant: "a", at: midnight).outcome == .rejected(by: .tenantThrottle))
        #expect(vendor.receive(tenant: "a", at: midnight + minute).status == 200)
        #expect(vendor.receive(tenant: "a", at: midnight + minute).outcome == .rejected(by: .tenantQuota))
        #expect(vendor.receive(tenant: "b", at: midnight + minute).status == 200)
        let report = vendor.report(at: midnight + minute)
        #expect(report.limits["quota"]?.used == 4)
        #expect((report.rejected.tenantThrottle, report.rejected.tenantQuota) == (1, 1))
        #expect(report.tenants["a"]?["quota"]?.used == 3)
    }

    @Test("The legacy family has product windows only; both families report the same")
    func families() {
        var configuration = VendorConfiguration.keapOAuth
        configuration.answers.headers = .apigee
        var vendor = VendorModel(configuration, start: midnight)
        let legacy = vendor.receive(at: midnight)
        #expect(names(legacy).contains("X-Apigee-Product-Quota-Expiry-Time"))
        #expect(!names(legacy).contains { $0.hasPrefix("x-keap") })
        configuration.answers.headers = .both
        vendor = VendorModel(configuration, start: midnight)
        let both = vendor.receive(at: midnight)
        #expect(both.header("x-apigee-product-throttle-used") == "1")
        #expect(both.header("x-keap-product-throttle-used") == "1")
        #expect(names(both).count == 2 + 1 + 11 + 11)
    }

    @Test("A rejection may be blank in every value; then piped units stay")
    func blank() throws {
        var configuration = VendorConfiguration.keapOAuth
        configuration.tenants = .piped
        configuration.answers.blankOn429 = true
        configuration.answers.reportsSpikeLimit = true
        configuration.throttle = try WindowLimit(1, per: .seconds(60), counting: .rolling)
        var vendor = VendorModel(configuration, start: midnight)
        #expect(vendor.receive(tenant: "a", at: midnight).header("x-keap-product-spike-limit") == "25ps")
        let rejected = vendor.receive(tenant: "a", at: midnight)
        #expect(rejected.status == 429)
        let blanks = rejected.headers.filter { $0.name.hasPrefix("x-keap-product") }
        #expect(blanks.count == 11)
        #expect(blanks.allSatisfy { $0.value.isEmpty })
        #expect(rejected.header("x-keap-tenant-throttle-used") == "|")
        #expect(rejected.header("x-keap-tenant-throttle-time-unit") == "minute|day")
    }

    @Test("A 429 has the REST body for every limit, or a gateway fault that distinguishes the spike from the others")
    func bodies() throws {
        var configuration = VendorConfiguration.keapOAuth
        configuration.throttle = try WindowLimit(26, per: .seconds(60), counting: .rolling)
        let rest = #"{"code":"429","message":"Quota Exceeded","status":"Request Throttled","details":null}"#
        var vendor = VendorModel(configuration, start: midnight)
        _ = vendor.send(Array(repeating: midnight, count: 25))
        #expect(vendor.receive(at: midnight).body == rest)
        configuration.answers.gatewayFaults = true
        vendor = VendorModel(configuration, start: midnight)
        _ = vendor.send(Array(repeating: midnight, count: 25))
        #expect(vendor.receive(at: midnight).body.contains(#""errorcode":"policies.ratelimit.SpikeArrestViolation""#))
        _ = vendor.receive(at: midnight + second)
        #expect(
            vendor.receive(at: midnight + second).body.contains(#""errorcode":"policies.ratelimit.QuotaViolation""#))
    }

    @Test("Rejected calls count nowhere, with the policies passed before, or with the rejecting one as well")
    func rejectedCalls() throws {
        func used(_ rejectedCalls: VendorConfiguration.RejectedCalls) throws -> [Int?] {
            var configuration = unlimited
            configuration.throttle = try WindowLimit(10, per: .seconds(60), counting: .rolling)
            configuration.quota = try WindowLimit(2, per: .seconds(86_400), counting: .calendar)
            configuration.rejectedCalls = rejectedCalls
            var vendor = VendorModel(configuration, start: midnight)
            _ = vendor.send(Array(repeating: midnight, count: 5))
            let report = vendor.report(at: midnight)
            #expect(report.limits["throttle"]?.peak == 2)
            return [report.limits["throttle"]?.used, report.limits["quota"]?.used]
        }
        #expect(try used(.uncounted) == [2, 2])
        #expect(try used(.passedPolicies) == [5, 2])
        #expect(try used(.counted) == [5, 5])
    }

    @Test("The first policy in order is the one that rejects")
    func order() throws {
        var configuration = unlimited
        configuration.spike = try SpikeLimit(1)
        configuration.throttle = try WindowLimit(1, per: .seconds(60), counting: .rolling)
        var vendor = VendorModel(configuration, start: midnight)
        _ = vendor.receive(at: midnight)
        #expect(vendor.receive(at: midnight).outcome == .rejected(by: .spike))
        configuration.order = [.throttle, .spike]
        vendor = VendorModel(configuration, start: midnight)
        _ = vendor.receive(at: midnight)
        #expect(vendor.receive(at: midnight).outcome == .rejected(by: .throttle))
    }

    @Test("Faults come in their shares, are counted by the limits, and reported as failed")
    func faults() throws {
        var configuration = unlimited
        configuration.throttle = try WindowLimit(100_000, per: .seconds(60), counting: .rolling)
        configuration.faults = Faults(internalErrors: 0.1, unavailable: 0.2, silent: 0.05)
        var vendor = VendorModel(configuration, start: midnight)
        let answers = (0..<10_000).map { vendor.receive(at: midnight + $0) }
        #expect((850...1_150).contains(answers.count { $0.status == 500 }))
        #expect((1_800...2_200).contains(answers.count { $0.status == 503 }))
        let report = vendor.report(at: midnight + second)
        #expect((400...600).contains(report.unanswered))
        #expect(report.accepted + report.failed == 10_000)
        #expect(report.limits["throttle"]?.used == 10_000)
    }

    @Test("The same seed gives the same answers")
    func repeatable() throws {
        var configuration = VendorConfiguration.keapOAuth
        configuration.spike = try SpikeLimit(checking: 25, policy: .divided(processors: 4))
        configuration.strangers = [try Strangers(perMinute: 480)]
        let times = traffic(seed: 9, count: 1_000, meanGap: second / 20, from: midnight)
        func run(seed: UInt64) -> [Bool] {
            configuration.seed = seed
            var vendor = VendorModel(configuration, start: midnight)
            return vendor.send(times)
        }
        #expect(run(seed: 1) == run(seed: 1))
        #expect(run(seed: 1) != run(seed: 2))
    }

    @Test("Callers beyond 256 are reported as one, and the series keeps 15 minutes")
    func bounds() {
        var vendor = VendorModel(unlimited, start: midnight)
        for index in 0..<2_000 { _ = vendor.receive(caller: "caller \(index)", at: midnight + Int64(index) * second) }
        let report = vendor.report(at: midnight + 1_999 * second)
        #expect(report.callers.count == 257)
        #expect(report.callers["other"]?.accepted == 2_000 - 256)
        #expect(report.series.count == 900)
        #expect(report.series.last?.second == Int(midnight / second) + 1_999)
    }

    @Test("Dates are those of the Gregorian calendar")
    func dates() {
        func date(_ seconds: Int64) -> String? {
            var vendor = VendorModel(unlimited, start: seconds * second)
            return vendor.receive(at: seconds * second).header("date")
        }
        #expect(date(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(date(951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(date(1_709_251_199) == "Thu, 29 Feb 2024 23:59:59 GMT")
        #expect(date(4_107_542_400) == "Mon, 01 Mar 2100 00:00:00 GMT")
    }
}
