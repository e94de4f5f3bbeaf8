// SPDX-License-Identifier: Apache-2.0

import Headroom
import Testing

@Suite("Which limit rejected a call")
struct RejectionClassifierTests {
    private static let tenant = Tenant("ab123")
    private static let spikeCode = "policies.ratelimit.SpikeArrestViolation"
    private static let quotaCode = "policies.ratelimit.QuotaViolation"
    private static let wellThrottle = LimitReading(
        scope: .product, name: .throttle, limit: 240, used: 40, available: 200)
    private static let wellQuota = LimitReading(scope: .product, name: .quota, limit: 1000, used: 1, available: 999)
    private static let spentThrottle = LimitReading(scope: .product, name: .throttle, available: 0)
    private static let spentQuota = LimitReading(
        scope: .product, name: .quota, available: 0, expiry: WallInstant(microseconds: 77))
    private static let spentTenantDay = LimitReading(scope: .tenant, name: .quota, used: 9, available: 0)
    private static let spikeLimit = LimitReading(scope: .product, name: .spike, limit: 10)

    private static let productSpike = LimitReference(.product, .spike)
    private static let productThrottle = LimitReference(.product, .throttle)
    private static let productQuota = LimitReference(.product, .quota)
    private static let tenantThrottle = tenant.map { LimitReference(.tenant($0), .throttle) }
    private static let tenantQuota = tenant.map { LimitReference(.tenant($0), .quota) }

    /// Throttle 50, quota 50, tenant's throttle 20, tenant's quota 70.
    private static let record: [LimitReference: Int] = {
        var record = [productThrottle: 50, productQuota: 50]
        for (limit, remaining) in [(tenantThrottle, 20), (tenantQuota, 70)] { limit.map { record[$0] = remaining } }
        return record
    }()
    private static let nothing: [LimitReference: Int] = [:]

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var code: String?
        var readings: [LimitReading] = []
        var ignored: [(String, String)] = []
        var record = RejectionClassifierTests.record
        var limit: LimitReference?
        var source: Rejection.Source
    }

    private static let byCode: [Case] = [
        Case(
            testDescription: "the spike's code wins over a spent quota", code: spikeCode, readings: [spentQuota],
            limit: productSpike, source: .faultCode),
        Case(
            testDescription: "the quota's code with a spent minute", code: quotaCode,
            readings: [spentThrottle, wellQuota], limit: productThrottle, source: .faultCode),
        Case(
            testDescription: "the quota's code with a spent day of the tenant", code: quotaCode,
            readings: [wellThrottle, spentTenantDay], limit: tenantQuota, source: .faultCode),
        Case(
            testDescription: "the quota's code where all is well: the record, and never the spike", code: quotaCode,
            readings: [wellThrottle],
            record: [productSpike: 0, productQuota: 5, productThrottle: 4], limit: productThrottle, source: .record),
        Case(
            testDescription: "the quota's code and nothing else", code: quotaCode, record: nothing, limit: nil,
            source: .none),
        Case(
            testDescription: "another code says nothing", code: "steps.oauth.v2.FailedToResolveAPIKey",
            readings: [spentQuota], limit: productQuota, source: .headers),
    ]

    private static let byHeaders: [Case] = [
        Case(
            testDescription: "a spent day", readings: [wellThrottle, spentQuota], limit: productQuota, source: .headers),
        Case(
            testDescription: "a spent minute", readings: [spentThrottle, wellQuota], limit: productThrottle,
            source: .headers),
        Case(
            testDescription: "day before minute where the record has them equal",
            readings: [spentThrottle, spentQuota], limit: productQuota, source: .headers),
        Case(
            testDescription: "day before minute without a record", readings: [spentThrottle, spentQuota],
            record: nothing, limit: productQuota, source: .headers),
        Case(
            testDescription: "of several spent ones the one that the record has lower",
            readings: [spentThrottle, spentQuota],
            record: [productQuota: 3, productThrottle: 2], limit: productThrottle, source: .headers),
        Case(testDescription: "nothing said: the spike", limit: productSpike, source: .headers),
        Case(
            testDescription: "all well: the spike", readings: [spikeLimit, wellThrottle, wellQuota],
            limit: productSpike, source: .headers),
        Case(
            testDescription: "limits alone are no sign of illness",
            readings: [LimitReading(scope: .product, name: .throttle, limit: 240)], limit: productSpike,
            source: .headers),
        Case(
            testDescription: "an expiry that is no time is no sign of illness", readings: [wellQuota],
            ignored: [("x-apigee-product-quota-expiry-time", "158663200")], limit: productSpike, source: .headers),
    ]

    private static let byRecord: [Case] = [
        Case(
            testDescription: "used up, but what is available is not said",
            readings: [LimitReading(scope: .product, name: .throttle, limit: 240, used: 240)],
            limit: tenant.map { LimitReference(.tenant($0), .throttle) }, source: .record),
        Case(
            testDescription: "counts that contradict each other",
            readings: [LimitReading(scope: .product, name: .throttle, limit: 240, used: 300, available: 5)],
            record: [productThrottle: 50, productQuota: 50], limit: productQuota, source: .record),
        Case(
            testDescription: "what is available is unusable", readings: [wellQuota],
            ignored: [("x-keap-product-throttle-available", "-1")],
            record: [productThrottle: -2], limit: productThrottle,
            source: .record),
        Case(
            testDescription: "what is available is unusable, and there is no record",
            ignored: [("x-keap-product-throttle-available", "-1")], record: nothing, limit: nil, source: .none),
    ]

    private func classify(
        _ reading: VendorReading, tenant: Tenant? = nil, _ remaining: [LimitReference: Int] = [:]
    ) -> Rejection {
        Keap().rejection(in: reading, tenant: tenant, remaining: remaining)
    }

    @Test("By the fault code, the headers, the record", arguments: byCode + byHeaders + byRecord)
    func classification(of example: Case) {
        var reading = read(429, example.ignored)
        reading.readings = example.readings
        reading.faultCode = example.code
        let throttle = classify(reading, tenant: Self.tenant, example.record)
        #expect(throttle.limit == example.limit)
        #expect(throttle.source == example.source.rawValue)
    }

    @Test("The expiry of the limit and the wait that the vendor asks for go along")
    func times() {
        let reading = VendorReading(
            status: 429, readings: [Self.wellThrottle, Self.spentQuota], retryAfter: .seconds(7))
        #expect(
            classify(reading)
                == Rejection(
                    limit: Self.productQuota, source: "headers", retryAfter: .seconds(7),
                    expiry: WallInstant(microseconds: 77)))
    }

    @Test("A tenant's limit needs the tenant: the call's, else the response's, else it is unknown")
    func tenants() {
        var reading = VendorReading(status: 429, readings: [Self.spentTenantDay], tenantID: "zz9")
        #expect(classify(reading, tenant: Self.tenant).limit == Self.tenantQuota)
        #expect(classify(reading).limit?.description == "quota of tenant zz9")
        reading.tenantID = nil
        #expect(classify(reading) == Rejection(limit: nil, source: "headers"))
    }

    @Test("Without a tenant, a tenant's entries in the record do not count")
    func recordWithoutTenant() {
        let reading = VendorReading(status: 429, faultCode: Self.quotaCode)
        #expect(
            classify(reading, Self.record)
                == Rejection(limit: Self.productQuota, source: "record"))
    }

    @Test("A response that is no rejection has no limit, whatever it says", arguments: [200, 401, 500, 503])
    func noRejection(status: Int) {
        let reading = VendorReading(status: status, readings: [Self.spentQuota])
        #expect(classify(reading, Self.record) == Rejection(limit: nil, source: "none"))
    }

    @Test("The blanks of an unauthenticated response, rejected, are the spike's")
    func blanks() throws {
        let capture = try Capture("2026-08-unauthenticated")
        let reading = read(429, capture.fields.map { ($0.name, $0.value) })
        #expect(classify(reading, Self.record).limit == Self.productSpike)
    }
}
