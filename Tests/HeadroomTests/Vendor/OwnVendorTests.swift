// SPDX-License-Identifier: Apache-2.0

import Headroom
import Testing

/// A vendor that sends its counts under names of its own, and leaves the rest to the defaults.
private struct Acme: Vendor {
    let name = "acme"

    func read(_ response: some VendorResponse, body: some Sequence<UInt8>, now: WallInstant) -> VendorReading {
        let hour = LimitReading(
            scope: .product, name: .throttle, window: .rolling(.seconds(3_600)), limit: response.count("acme-limit"),
            used: response.count("acme-used"), available: response.count("acme-left"))
        let day = LimitReading(scope: .tenant, name: .quota, window: .day, available: response.count("acme-day-left"))
        return VendorReading(
            status: response.statusCode, readings: [hour, day], date: response.date(now: now),
            retryAfter: response.retryAfter(now: now))
    }
}

@Suite("A vendor of a user's own")
struct OwnVendorTests {
    private let now = utc("2026-11-22T10:00:00Z")
    private let product = LimitReference(.product, .throttle)

    private func read(_ status: Int, _ fields: [(String, String)]) -> VendorReading {
        Acme().read(ResponseHead(status: status, fields: fields), body: [], now: now)
    }

    private func explain(
        _ reading: VendorReading, _ tenant: Tenant? = nil, _ remaining: [LimitReference: Int] = [:]
    ) -> Rejection {
        Acme().rejection(in: reading, tenant: tenant, remaining: remaining)
    }

    @Test("Its headers are read by their names in any case, the first of several, blanks aside")
    func values() {
        let response = ResponseHead(status: 200, fields: [("Acme-Used", " 7 "), ("acme-used", "8"), ("acme-left", "")])
        #expect(response.value("ACME-USED") == "7" && response.count("acme-used") == 7)
        #expect(response.value("acme-left") == nil && response.value("acme") == nil)
    }

    @Test(
        "A count that is no plain number in range is unknown", arguments: ["-1", "1.5", "1,5", "1000000001", "x", "५"])
    func counts(value: String) {
        #expect(ResponseHead(status: 200, fields: [("acme-used", value)]).count("acme-used") == nil)
    }

    @Test("Dates and delays are read as HTTP has them")
    func times() {
        let response = ResponseHead(
            status: 429, fields: [("Date", "Sun, 22 Nov 2026 10:00:00 GMT"), ("retry-after", "17")])
        #expect(response.date(now: now) == now && response.retryAfter(now: now) == .seconds(17))
        let dated = ResponseHead(status: 429, fields: [("retry-after", "Sun, 22 Nov 2026 10:00:05 GMT")])
        #expect(dated.date(now: now) == nil && dated.retryAfter(now: now) == .seconds(5))
        let wrong = ResponseHead(status: 429, fields: [("retry-after", "soon"), ("date", "today")])
        #expect(wrong.date(now: now) == nil && wrong.retryAfter(now: now) == nil)
    }

    @Test("A rejection is by the limit of which nothing is left, with its window; of several by the longest")
    func spent() throws {
        let hour = explain(read(429, [("acme-left", "0"), ("retry-after", "17")]))
        #expect(hour.limit == product && hour.source == "headers" && hour.retryAfter == .seconds(17))
        #expect(hour.window == .rolling(.seconds(3_600)))
        let tenant = try #require(Tenant("t"))
        let both = read(429, [("acme-left", "0"), ("acme-day-left", "0")])
        #expect(explain(both, tenant).limit == LimitReference(.tenant(tenant), .quota))
        #expect(explain(both, tenant, [product: 1]).limit == product)
        #expect(explain(read(429, [("acme-day-left", "0")])).limit == nil)
    }

    @Test("A rejection that names none is by the limit of which the caller believes that least is left")
    func believed() throws {
        let (tenant, other) = (try #require(Tenant("t")), try #require(Tenant("other")))
        let remaining = [
            product: 5, LimitReference(.tenant(tenant), .quota): 4, LimitReference(.tenant(other), .quota): 1,
        ]
        #expect(explain(read(429, []), tenant, remaining).limit == LimitReference(.tenant(tenant), .quota))
        #expect(explain(read(429, []), nil, remaining).limit == product)
        #expect(explain(read(429, []), nil, remaining).source == "record")
        #expect(explain(read(429, [])) == Rejection(limit: nil, source: "none"))
        #expect(explain(read(200, []), nil, remaining) == Rejection(limit: nil, source: "none"))
    }

    @Test("A coordinator learns from its headers, and waits as its limit asks")
    func coordinator() async throws {
        let plan = try Plan(
            name: "acme", vendor: Acme(),
            productLimits: [Limit(.throttle, capacity: 1000, window: .rolling(.seconds(3_600)))])
        try await Bench(plan).running { bench in
            let coordinator = bench.coordinator
            let fields = [("acme-limit", "500"), ("acme-used", "10"), ("acme-left", "490")]
            for _ in 0..<4 {
                let task = Task {
                    try await coordinator.perform { (ResponseHead(status: 200, fields: fields), [UInt8]()) }
                }
                _ = try await bench.finish(task)
                await bench.pass(.milliseconds(200))
            }
            #expect(coordinator.gauges.first?.capacity == 500)
            let rejected = Task {
                try await coordinator.acquire().complete(
                    ResponseHead(status: 429, fields: [("acme-left", "0"), ("retry-after", "17")]), body: [])
            }
            let rejection = try #require(try await bench.finish(rejected).rejection)
            #expect(rejection.limit == product && rejection.retryAfter == .seconds(17))
        }
    }

    @Test("What a vendor says out of range does not reach the ledger")
    func outOfRange() async throws {
        struct Wild: Vendor {
            let name = "wild"
            func read(_ response: some VendorResponse, body: some Sequence<UInt8>, now: WallInstant) -> VendorReading {
                let limits = [0, -5, .max].map {
                    LimitReading(scope: .product, name: .throttle, window: .paced(.zero), limit: $0)
                }
                return VendorReading(status: response.statusCode, readings: limits, retryAfter: .seconds(-7))
            }
        }
        let plan = try Plan(
            name: "wild", vendor: Wild(),
            productLimits: [Limit(.throttle, capacity: 1000, window: .rolling(.seconds(60)))])
        try await Bench(plan).running { bench in
            let coordinator = bench.coordinator
            for status in [200, 429, 200, 429, 200] {
                let task = Task { try await coordinator.acquire().complete(ResponseHead(status: status), body: []) }
                let verdict = try await bench.finish(task)
                #expect(verdict.isRejected == (status == 429))
                #expect(verdict.rejection.map { $0.retryAfter >= .zero } ?? true)
                await bench.pass(.milliseconds(200))
            }
            #expect(coordinator.gauges.first?.capacity == 1000)
        }
    }

    @Test("Two plans differ by their vendor's name")
    func equality() throws {
        let limits = [try Limit(.throttle, capacity: 1, window: .day)]
        let acme = try Plan(name: "a", vendor: Acme(), productLimits: limits)
        let (same, other) = (
            try Plan(name: "a", vendor: Acme(), productLimits: limits),
            try Plan(name: "a", vendor: Keap(), productLimits: limits)
        )
        #expect(acme == same && acme != other)
        #expect(Set([acme, same, other]).count == 2)
    }
}
