// SPDX-License-Identifier: Apache-2.0

import Headroom
import Testing

@Suite("Single values")
struct HeaderValueTests {
    private let now = utc("2026-11-22T10:00:00Z")

    private func parse(_ fields: [(String, String)], status: Int = 200) -> VendorReading {
        read(status, fields, now: now)
    }

    @Test(
        "A count is plain digits, blanks around it aside",
        arguments: [
            ("0", 0), ("1", 1), ("239", 239), (" 239", 239), ("239 \t", 239), ("007", 7), ("1000000000", 1_000_000_000),
            ("00000000000000000000000000000000012", 12),
        ])
    func usableCount(value: String, expected: Int) {
        let reading = parse([("x-keap-product-throttle-used", value)])
        #expect(reading[.product, .throttle]?.used == expected)
        #expect(reading.ignored.isEmpty)
    }

    @Test("A blank value is unknown, never zero, and not an error", arguments: ["", " ", "\t \t", "|", " | "])
    func blankCount(value: String) {
        let reading = parse([
            ("x-keap-product-throttle-used", value), ("x-keap-product-throttle-limit", value),
            ("x-keap-product-spike-limit", value == "|" || value == " | " ? "" : value),
            ("x-keap-tenant-id", value.filter { $0 != "|" }),
        ])
        #expect(reading == VendorReading(status: 200))
    }

    @Test(
        "Anything else is ignored and listed",
        arguments: [
            ("1,500", IgnoredHeader.Reason.notANumber), ("+5", .notANumber), ("-1", .notANumber), ("1e3", .notANumber),
            ("0x10", .notANumber), ("1.0", .notANumber), ("1 2", .notANumber), ("٣", .notANumber), ("５", .notANumber),
            ("null", .notANumber), ("\u{0}5", .notANumber), ("5\u{A0}", .notANumber), ("240, 240", .notANumber),
            ("1000000001", .outOfRange), ("9223372036854775807", .outOfRange), ("9223372036854775808", .outOfRange),
            ("18446744073709551617", .outOfRange), ("99999999999999999999999999999999", .outOfRange),
            ("99999999999999999999999999999999x", .notANumber),
        ])
    func unusableCount(value: String, reason: IgnoredHeader.Reason) {
        for field in ["limit", "used", "available"] {
            let reading = parse([("x-keap-product-throttle-\(field)", value)])
            #expect(reading.readings.isEmpty)
            #expect(reading.ignored.map(\.reason) == [reason])
            #expect(reading.ignored.map(\.name) == ["x-keap-product-throttle-\(field)"])
        }
    }

    @Test("A limit of zero is unusable, nothing used or available is fine")
    func zero() {
        let fields = [("limit", "0"), ("used", "0"), ("available", "0")].map { ("x-keap-product-quota-\($0)", $1) }
        let reading = parse(fields)
        #expect(reading.readings == [LimitReading(scope: .product, name: .quota, used: 0, available: 0)])
        #expect(reading.ignored.map(\.reason) == [.outOfRange])
    }

    @Test(
        "A spike rate is calls a second, or a minute's divided by 60 and cut off, at least 1",
        arguments: [
            ("10ps", 10), ("25ps", 25), (" 25PS ", 25), ("600pm", 10), ("659pm", 10), ("60pm", 1), ("59pm", 1),
            ("1pm", 1), ("1000000000ps", 1_000_000_000), ("60000000000pm", 1_000_000_000),
        ])
    func spikeRate(value: String, expected: Int) {
        let reading = parse([("x-keap-product-spike-limit", value)])
        #expect(
            reading.readings == [
                LimitReading(scope: .product, name: .spike, window: .paced(.seconds(1)), limit: expected)
            ])
        #expect(reading.ignored.isEmpty)
    }

    @Test(
        "Any other spike rate is ignored",
        arguments: [
            ("10", IgnoredHeader.Reason.notARate), ("ps", .notARate), ("10 ps", .notARate), ("-1ps", .notARate),
            ("10ph", .notARate), ("1.5ps", .notARate), ("10ps|20ps", .notARate), ("p", .notARate),
            ("0ps", .outOfRange), ("0pm", .outOfRange), ("1000000001ps", .outOfRange),
            ("99999999999999999999ps", .outOfRange), ("60000000060pm", .outOfRange),
        ])
    func wrongSpikeRate(value: String, reason: IgnoredHeader.Reason) {
        let reading = parse([("x-keap-product-spike-limit", value)])
        #expect(reading.readings.isEmpty)
        #expect(reading.ignored.map(\.reason) == [reason])
    }

    @Test(
        "A window comes from its unit and how many of them",
        arguments: [
            ("minute", "1", Limit.Window.rolling(.seconds(60))), ("Minute", "5", .rolling(.seconds(300))),
            ("day", "1", .day), ("day", "2", .rolling(.seconds(172_800))), ("day", "31", .rolling(.seconds(2_678_400))),
            ("hour", "1", .rolling(.seconds(3_600))), ("second", "1", .rolling(.seconds(1))),
            ("second", "60", .rolling(.seconds(60))),
            ("minute", "", nil), ("minute", "0", nil), ("day", "32", nil), ("second", "61", nil), ("", "1", nil),
            ("minute", "1000000000", nil), ("minute", "99999999999999999999", nil), ("minute", "1|1", nil),
        ] as [(String, String, Limit.Window?)])
    func window(unit: String, interval: String, expected: Limit.Window?) {
        let reading = parse([
            ("x-keap-product-throttle-limit", "100"), ("x-keap-product-throttle-time-unit", unit),
            ("x-keap-product-throttle-interval", interval),
        ])
        #expect(reading.readings.map(\.window) == [expected])
        #expect(reading.readings.map(\.limit) == [100])
    }

    @Test("The numbers of a unit that is not known do not pass for those of a minute")
    func unknownUnit() {
        let reading = parse([
            ("x-keap-product-throttle-limit", "100"), ("x-keap-product-throttle-time-unit", "fortnight"),
        ])
        #expect(reading.readings.isEmpty)
        #expect(reading.ignored.map(\.reason) == [.unknownUnit])
    }

    @Test("A tenant's name is taken where it is fit for a tenant", arguments: ["ab123", " example.infusionsoft.com "])
    func tenant(value: String) {
        #expect(parse([("X-Keap-Tenant-ID", value)]).tenantID == String(value.filter { $0 != " " }))
    }

    @Test(
        "Any other tenant's name is ignored",
        arguments: ["a b", "a{b}", "ä", "a\u{7}", String(repeating: "a", count: 129)])
    func wrongTenant(value: String) {
        let reading = parse([("x-keap-tenant-id", value)])
        #expect(reading.tenantID == nil)
        #expect(reading.ignored.map(\.reason) == [.notATenant])
    }

    @Test("What is listed as ignored is short and printable")
    func ignoredIsPrintable() throws {
        let entry = try #require(
            parse([("X-KEAP-Product-Throttle-Used", "a\n\u{1B}[31mä" + String(repeating: "x", count: 5_000))])
                .ignored.first)
        #expect(entry.name == "x-keap-product-throttle-used")
        #expect(entry.value == "a??[31m?" + String(repeating: "x", count: 56))
        #expect(entry.description.hasSuffix("is ignored: not a plain number"))
    }

    @Test("At most 16 headers are listed as ignored")
    func ignoredIsBounded() {
        let reading = parse((0..<1_000).map { ("x-keap-product-throttle-used", "\($0)") })
        #expect(reading[.product, .throttle]?.used == 0)
        #expect(reading.ignored.count == 16)
        #expect(reading.ignored.map(\.value) == (1...16).map { "\($0)" })
    }
}
