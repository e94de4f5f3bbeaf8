// SPDX-License-Identifier: Apache-2.0

import Headroom
import Testing

@Suite("The fault code in a body")
struct FaultCodeTests {
    private func code(_ body: String, status: Int = 429) -> String? {
        read(status, body: Array(body.utf8)).faultCode
    }

    @Test(
        "It is found wherever it stands in fault and detail",
        arguments: [
            #"{"fault":{"faultstring":"x","detail":{"errorcode":"policies.ratelimit.SpikeArrestViolation"}}}"#,
            #"{"fault":{"detail":{"errorcode":"policies.ratelimit.SpikeArrestViolation"}}}"#,
            " {\n \"fault\" : {\t\"detail\" : { \"errorcode\" : \"policies.ratelimit.SpikeArrestViolation\" , ",
            #"{"a":[1,{"fault":{"detail":{}}}],"b":"}\"{","fault":{"x":{"detail":null},"n":-1.5e3,"t":true,"detail":"#
                + #"{"y":[[]],"errorcode":"policies.ratelimit.SpikeArrestViolation"}}}"#,
        ])
    func found(body: String) {
        #expect(code(body) == "policies.ratelimit.SpikeArrestViolation")
    }

    @Test(
        "Where it is not, or not a plain text, there is none",
        arguments: [
            "", "{", "null", "[]", "fault", "{\"fault\"", "{\"fault\":", "\"fault",
            "{\"fault\":{\"detail\":{\"errorcode\":\"a",
            #"{"code":"429","message":"Quota Exceeded","status":"Request Throttled","details":null}"#,
            #"{"errorcode":"a.QuotaViolation"}"#, #"{"fault":{"errorcode":"a.QuotaViolation"}}"#,
            #"{"x":{"fault":{"detail":{"errorcode":"a"}}}}"#, #"[{"fault":{"detail":{"errorcode":"a"}}}]"#,
            #"{"fault":{"detail":{"errorcode":""}}}"#, #"{"fault":{"detail":{"errorcode":5}}}"#,
            #"{"fault":{"detail":{"errorcode":"a\u0041"}}}"#, #"{"fault":{"detail":{"errorcode":"a b"}}}"#,
            #"{"fault":{"detail":[{"errorcode":"a"}]}}"#, #"{"fault":"detail","errorcode":"a"}"#, "{\"\\",
            "{\"fault\":{\"detail\":{\"errorcode\":\"\(String(repeating: "a", count: 129))\"}}}",
        ])
    func missing(body: String) {
        #expect(code(body) == nil)
    }

    @Test("Only the first 4 KiB are looked at")
    func bounded() {
        let fault = #"{"fault":{"detail":{"errorcode":"a"}}}"#
        #expect(code(String(repeating: " ", count: 4_096 - fault.utf8.count) + fault) == "a")
        #expect(code(String(repeating: " ", count: 4_096) + fault) == nil)
    }

    @Test("It is looked for in rejections and server errors only")
    func statuses() {
        let fault = #"{"fault":{"detail":{"errorcode":"a"}}}"#
        #expect([429, 500, 503, 599].allSatisfy { code(fault, status: $0) == "a" })
        #expect([200, 400, 428, 430, 499, 600, 0, -1].allSatisfy { code(fault, status: $0) == nil })
    }

    @Test(
        "A 429 is a rejection by a limit, and so is a server error with the code of a rate policy",
        arguments: [
            (429, nil, true), (429, "x", true), (500, "policies.ratelimit.QuotaViolation", true),
            (500, "QuotaViolation", true), (503, "policies.ratelimit.SpikeArrestViolation", true),
            (500, "a.NotQuotaViolation", false), (500, "QuotaViolation.x", false), (500, nil, false), (200, nil, false),
        ] as [(Int, String?, Bool)])
    func rejected(status: Int, code: String?, expected: Bool) {
        let body = code.map { #"{"fault":{"detail":{"errorcode":"\#($0)"}}}"# } ?? ""
        let reading = read(status, body: Array(body.utf8))
        #expect(reading.faultCode == code && reading.isRejected == expected)
    }
}
