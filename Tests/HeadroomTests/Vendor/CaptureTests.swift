// SPDX-License-Identifier: Apache-2.0

import Headroom
import Testing

@Suite("Captured responses")
struct CaptureTests {
    @Test("A service account key of 2024: a spike rate, both product windows, one tenant window")
    func serviceAccountKey() throws {
        let reading = try Capture("2024-08-service-account-key").parse(now: utc("2024-08-14T12:00:00Z"))
        #expect(
            reading
                == VendorReading(
                    status: 200,
                    readings: [
                        LimitReading(scope: .product, name: .spike, window: .paced(.seconds(1)), limit: 10),
                        LimitReading(
                            scope: .product, name: .throttle, window: .rolling(.seconds(60)), limit: 240, used: 1,
                            available: 239),
                        LimitReading(
                            scope: .product, name: .quota, window: .day, limit: 150_000, used: 138,
                            available: 149_862, expiry: utc("2024-08-15T00:00:00Z")),
                        LimitReading(
                            scope: .tenant, name: .throttle, window: .rolling(.seconds(60)), limit: 5_000, used: 1,
                            available: 4_999),
                    ]))
        #expect(reading.readings.dropFirst().allSatisfy { $0.isWhole(isRejected: false) })
    }

    @Test("A personal access token of 2026: a blank spike rate, a tenant's name")
    func personalAccessToken() throws {
        let reading = try Capture("2026-02-personal-access-token").parse(now: utc("2026-02-18T09:30:00Z"))
        #expect(
            reading
                == VendorReading(
                    status: 200,
                    readings: [
                        LimitReading(
                            scope: .product, name: .throttle, window: .rolling(.seconds(60)), limit: 240, used: 1,
                            available: 239),
                        LimitReading(
                            scope: .product, name: .quota, window: .day, limit: 30_000, used: 1, available: 29_999,
                            expiry: utc("2026-02-19T00:00:00Z")),
                        LimitReading(
                            scope: .tenant, name: .throttle, window: .rolling(.seconds(60)), limit: 5_000, used: 1,
                            available: 4_999),
                    ],
                    tenantID: "example.infusionsoft.com"))
        #expect(reading.readings.allSatisfy { $0.isWhole(isRejected: false) })
    }

    @Test("An unauthenticated response of blanks says nothing of any limit, and nothing in it is wrong")
    func unauthenticated() throws {
        let reading = try Capture("2026-08-unauthenticated").parse(now: utc("2026-08-01T00:00:00Z"))
        #expect(reading == VendorReading(status: 401))
    }

    @Test("The documented legacy headers: both windows; their expiry is no time")
    func legacy() throws {
        let reading = try Capture("documented-legacy-oauth").parse(now: utc("2022-10-01T12:00:00Z"))
        #expect(
            reading.readings == [
                LimitReading(
                    scope: .product, name: .throttle, window: .rolling(.seconds(60)), limit: 1_500, used: 1,
                    available: 1_499),
                LimitReading(
                    scope: .product, name: .quota, window: .day, limit: 150_000, used: 1, available: 149_999),
            ])
        #expect(reading.ignored.map(\.name) == ["x-apigee-product-quota-expiry-time"])
        #expect(reading.ignored.map(\.value) == [" 158663200"])
        #expect(reading.ignored.map(\.reason) == [.notATime])
    }

    @Test("A captured expiry is unknown when the response is read days later, the counts are not")
    func readLate() throws {
        let reading = try Capture("2024-08-service-account-key").parse(now: utc("2026-11-22T12:00:00Z"))
        #expect(reading[.product, .quota]?.expiry == nil)
        #expect(reading[.product, .quota]?.used == 138)
        #expect(reading.ignored.map(\.reason) == [.implausibleTime])
    }
}
