// SPDX-License-Identifier: Apache-2.0

import Headroom
import Testing

@Suite("Families of headers, several windows in a value, headers given twice")
struct HeaderFamilyTests {
    private func parse(_ fields: [(String, String)]) -> VendorReading {
        read(200, fields, now: utc("2026-11-22T10:00:00Z"))
    }

    private func tenant(_ fields: [(String, String)]) -> VendorReading {
        parse(fields.map { ("x-keap-tenant-throttle-\($0)", $1) })
    }

    @Test("Piped values are the minute and the day of a tenant, part by part")
    func piped() {
        let reading = tenant([
            ("limit", "10000|250000"), ("time-unit", "minute|day"), ("interval", "1|1"),
            ("available", "9990 | 249000"), ("used", "10|1000"),
        ])
        #expect(
            reading.readings == [
                LimitReading(
                    scope: .tenant, name: .throttle, window: .rolling(.seconds(60)), limit: 10_000, used: 10,
                    available: 9_990),
                LimitReading(
                    scope: .tenant, name: .quota, window: .day, limit: 250_000, used: 1_000, available: 249_000),
            ])
        #expect(reading.ignored.isEmpty)
    }

    @Test("The time unit decides which limit a part is, not its position")
    func unitDecides() {
        let reading = tenant([("limit", "250000|10000|25"), ("time-unit", "day|minute|second")])
        #expect(reading[.tenant, .quota]?.limit == 250_000)
        #expect(reading[.tenant, .throttle]?.limit == 10_000)
        #expect(reading[.tenant, .spike]?.limit == 25)
    }

    @Test("Without a time unit the first part is the minute and the second the day", arguments: [nil, "", "|"])
    func positions(unit: String?) {
        let reading = tenant([("limit", "10000|250000")] + (unit.map { [("time-unit", $0)] } ?? []))
        #expect(reading.readings.map(\.name) == [.throttle, .quota])
        #expect(reading.readings.map(\.limit) == [10_000, 250_000])
    }

    @Test("A single value for a tenant's day is its quota")
    func singleDay() {
        let reading = tenant([("limit", "250000"), ("time-unit", "day"), ("interval", "1")])
        #expect(reading.readings == [LimitReading(scope: .tenant, name: .quota, window: .day, limit: 250_000)])
    }

    @Test("A part that is blank is unknown, the other one is read")
    func halfBlank() {
        let reading = tenant([("time-unit", "minute|day"), ("used", "|7"), ("limit", "10000|")])
        #expect(reading[.tenant, .throttle] == LimitReading(scope: .tenant, name: .throttle, limit: 10_000))
        #expect(reading[.tenant, .quota] == LimitReading(scope: .tenant, name: .quota, used: 7))
        #expect(reading.ignored.isEmpty)
    }

    @Test(
        "A value whose parts are not as many as the time unit's is ignored",
        arguments: [("minute|day", "10000"), ("minute|day", "1|2|3"), ("minute", "1|2"), ("", "1|2|3|4|5")])
    func disagree(unit: String, limit: String) {
        let reading = tenant([("time-unit", unit), ("limit", limit)])
        #expect(reading.readings.isEmpty)
        #expect(reading.ignored.map(\.reason) == [.partsDisagree])
        #expect(reading.ignored.map(\.name) == ["x-keap-tenant-throttle-limit"])
    }

    @Test("A wrong part is unknown, the other one is read")
    func halfWrong() {
        let reading = tenant([("time-unit", "minute|day"), ("used", "-5|7")])
        #expect(reading.readings == [LimitReading(scope: .tenant, name: .quota, used: 7)])
        #expect(reading.ignored.map(\.value) == ["-5|7"])
    }

    @Test("A part in an hour or in a unit that is not known is no limit of ours")
    func foreignPart() {
        let reading = tenant([("time-unit", "hour|moon|day"), ("limit", "1|2|3")])
        #expect(reading.readings == [LimitReading(scope: .tenant, name: .quota, limit: 3)])
        #expect(reading.ignored.map(\.reason) == [.unknownUnit])
    }

    @Test("The new family wins over the legacy one, field by field, in whichever order they come")
    func newWins() {
        let fields = [
            ("X-Apigee-Product-Throttle-Limit", "1500"), ("X-Apigee-Product-Throttle-Used", "9"),
            ("X-Apigee-Product-Throttle-Available", "1491"), ("x-keap-product-throttle-limit", "240"),
            ("x-keap-product-throttle-used", ""), ("x-keap-product-throttle-available", "239"),
        ]
        let expected = [LimitReading(scope: .product, name: .throttle, limit: 240, used: 9, available: 239)]
        #expect(parse(fields).readings == expected)
        #expect(parse(fields.reversed()).readings == expected)
    }

    @Test("A day in the throttle's headers does not mix with the quota's own")
    func ownFamilyWins() {
        let reading = parse([
            ("x-keap-product-throttle-time-unit", "minute|day"), ("x-keap-product-throttle-limit", "240|111"),
            ("x-keap-product-throttle-used", "1|2"), ("x-keap-product-quota-limit", "30000"),
        ])
        #expect(
            reading.readings == [
                LimitReading(scope: .product, name: .throttle, limit: 240, used: 1),
                LimitReading(scope: .product, name: .quota, limit: 30_000),
            ])
    }

    @Test("A minute in the quota's headers does not mix with the throttle's own")
    func ownFamilyKeeps() {
        let reading = parse([
            ("x-keap-product-quota-time-unit", "minute|day"), ("x-keap-product-quota-limit", "111|30000"),
            ("x-keap-product-quota-used", "5|6"), ("x-keap-product-throttle-limit", "240"),
        ])
        #expect(
            reading.readings == [
                LimitReading(scope: .product, name: .throttle, limit: 240),
                LimitReading(scope: .product, name: .quota, limit: 30_000, used: 6),
            ])
    }

    @Test("The numbers of more time units than there can be are left alone")
    func tooManyUnits() {
        let reading = tenant([("time-unit", "second|minute|hour|day|week"), ("limit", "5")])
        #expect(reading.readings.isEmpty)
        #expect(reading.ignored.map(\.reason) == [.partsDisagree])
    }

    @Test("Header names compare without case")
    func anyCase() {
        for name in ["X-KEAP-PRODUCT-QUOTA-USED", "x-keap-product-quota-used", "X-Keap-Product-Quota-Used"] {
            #expect(parse([(name, "3")])[.product, .quota]?.used == 3)
        }
    }

    @Test(
        "Names that only resemble the vendor's are not read",
        arguments: [
            "x-keap-product-quota-use", "x-keap-product-quota-usedx", "x-keap-product-quota-", "x-keap-product-quota",
            "x-keap-product-quota_used", "x-keap\rproduct-quota-used", "x", "", "keap-product-quota-used",
            "x-keap-tenant-quota-used", " x-keap-product-quota-used", "x-ķeap-product-quota-used",
        ])
    func resembling(name: String) {
        #expect(parse([(name, "3")]) == VendorReading(status: 200))
    }

    @Test("Of a header given twice the first counts; another value is listed, the same one is not")
    func twice() {
        let reading = parse([
            ("x-keap-product-quota-used", "3"), ("X-Keap-Product-Quota-Used", "3"), ("x-keap-product-quota-used", "4"),
        ])
        #expect(reading[.product, .quota]?.used == 3)
        #expect(reading.ignored.map(\.value) == ["4"])
        #expect(reading.ignored.map(\.reason) == [.duplicate])
    }

    @Test("Of a header given twice, blank at first, the blank counts")
    func blankFirst() {
        let reading = parse([("x-keap-product-quota-used", ""), ("x-keap-product-quota-used", "4")])
        #expect(reading.readings.isEmpty)
        #expect(reading.ignored.map(\.reason) == [.duplicate])
    }

    @Test(
        "A reading is whole where its counts agree; a rejection may have used more than the limit",
        arguments: [
            (10, 3, 7, true, true), (10, 3, 6, false, false), (10, 10, 0, true, true), (10, 12, 0, false, true),
            (10, 9, 0, false, false), (nil, 3, 7, false, false), (10, nil, 0, false, false), (10, 3, nil, false, false),
            (10, 12, -2, false, false), (10, .max, .max, false, false), (0, 0, 0, false, false),
        ] as [(Int?, Int?, Int?, Bool, Bool)])
    func whole(limit: Int?, used: Int?, available: Int?, usually: Bool, rejected: Bool) {
        let reading = LimitReading(
            scope: .product, name: .throttle, limit: limit, used: used, available: available)
        #expect(reading.isWhole(isRejected: false) == usually)
        #expect(reading.isWhole(isRejected: true) == rejected)
    }
}
