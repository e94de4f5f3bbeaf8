// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Headroom
import Testing

@Suite("Ways to hand over a response")
struct EntryPointTests {
    private let now = utc("2026-02-18T09:30:00Z")

    private struct OwnResponse: VendorResponse {
        let statusCode: Int
        let fields: [(name: String, value: String)]

        func forEachField(_ body: (String, String) -> Void) {
            for (name, value) in fields { body(name, value) }
        }
    }

    @Test("All of them give the same reading")
    func same() throws {
        let capture = try Capture("2026-02-personal-access-token")
        let expected = capture.parse(now: now)
        var fields = HTTPFields()
        for (name, value) in capture.fields {
            fields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
        }
        let response = HTTPResponse(status: .ok, headerFields: fields)
        let dictionary = Dictionary(uniqueKeysWithValues: capture.fields.map { ($0.name, $0.value) })
        let own = OwnResponse(statusCode: 200, fields: capture.fields)
        let unlabelled = capture.fields.lazy.map { ($0.name.uppercased(), $0.value) }

        #expect(Keap().read(response, body: [], now: now) == expected)
        #expect(Keap().read(own, body: [], now: now) == expected)
        #expect(read(200, dictionary.map { ($0, $1) }, now: now) == expected)
        #expect(read(200, unlabelled, now: now) == expected)
    }

    @Test("Pairs and dictionaries may be written in place")
    func literals() {
        let expected = VendorReading(
            status: 429, readings: [LimitReading(scope: .product, name: .quota, available: 0)])
        let name = "x-keap-product-quota-available"
        #expect(Keap().read(ResponseHead(status: 429, fields: [(name, "0")]), body: [], now: now) == expected)
        #expect(read(429, [name: "0"].map { ($0, $1) }, now: now) == expected)
    }

    @Test("A body goes with each of them, as any sequence of bytes")
    func bodies() {
        let body = Array(#"{"fault":{"detail":{"errorcode":"a.QuotaViolation"}}}"#.utf8)
        let response = HTTPResponse(status: .tooManyRequests)
        #expect(Keap().read(response, body: body, now: now).faultCode == "a.QuotaViolation")
        #expect(read(429, body: body[...], now: now).faultCode == "a.QuotaViolation")
        #expect(read(429, body: AnySequence(body), now: now).faultCode == "a.QuotaViolation")
    }
}
