// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport
import Testing

@Suite("A vendor of a user's own that says what cannot be")
struct WildVendorTests {
    /// A vendor that answers always the same, and says of every rejection what it is asked to.
    private struct Wild: Vendor {
        let name = "wild"
        var reading: @Sendable (Int) -> VendorReading
        var rejected: @Sendable () -> Rejection = { Rejection(limit: nil, source: "none") }

        func read(_ response: some VendorResponse, body: some Sequence<UInt8>, now: WallInstant) -> VendorReading {
            reading(response.statusCode)
        }

        func rejection(
            in reading: VendorReading, tenant: Tenant?, remaining: [LimitReference: Int]
        ) -> Rejection { rejected() }

        func plan() throws -> Plan {
            try Plan(name: "wild", vendor: self, productLimits: [Limit(.quota, capacity: 1000, window: .day)])
        }
    }

    /// One call with a response of that status.
    private func call(_ bench: Bench, _ status: Int) async throws -> Verdict {
        let coordinator = bench.coordinator
        let task = Task { try await coordinator.acquire().complete(ResponseHead(status: status), body: []) }
        return try await bench.finish(task)
    }

    @Test(
        "Moments that no clock shows neither stop the exchanges nor end the process, in fallback as well",
        arguments: zip(
            [Duration.seconds(1_795_348_800_000_000), .seconds(Int64.max), .seconds(-1), .zero],
            [nil, Duration.seconds(-1), .seconds(Int64.max), .seconds(Int64.min)]))
    func moments(expiry: Duration, date: Duration?) async throws {
        let day = LimitReading(
            scope: .product, name: .quota, window: .day, limit: 1000, used: 5, available: 995,
            expiry: WallInstant(since1970: expiry))
        let date = date.map { WallInstant(since1970: $0) }
        let vendor = Wild(reading: { VendorReading(status: $0, readings: [day], date: date) })
        try await Bench(vendor.plan(), configuration: .init()).running { bench in
            for isCut in [false, true] {
                bench.ledger.cut(isCut)
                for _ in 0..<4 {
                    let verdict = try await call(bench, 200)
                    #expect(!verdict.isRejected)
                    await bench.pass(.milliseconds(400))
                }
                #expect(bench.coordinator.statistics.isInFallback == isCut)
            }
            #expect(bench.ledger.exchanges.contains { !$0.observations.isEmpty })
            for request in bench.ledger.exchanges { try request.validate() }
        }
    }

    @Test("A wait is never negative, whatever window the vendor names", arguments: [Int64.min, -5, .max])
    func spans(seconds: Int64) async throws {
        let window = Limit.Window.paced(.seconds(seconds))
        let vendor = Wild(reading: { VendorReading(status: $0) }) {
            Rejection(limit: LimitReference(.product, .spike), source: "headers", window: window)
        }
        try await Bench(vendor.plan()).running { bench in
            let rejection = try #require(try await call(bench, 429).rejection)
            #expect(rejection.retryAfter == max(.zero, .seconds(seconds)))
        }
        // The longest window of several is compared, not computed with.
        let reading = VendorReading(
            status: 429, readings: [LimitReading(scope: .product, name: .spike, window: window, available: 0)])
        #expect(Acme().rejection(in: reading, tenant: nil, remaining: [:]).limit?.name == .spike)
    }

    @Test("It may look at the coordinator while it says which limit rejected a call")
    func reentrant() async throws {
        let coordinator = Mutex<RateCoordinator?>(nil)
        let counts = Record<Int64>()
        let vendor = Wild(reading: { VendorReading(status: $0) }) {
            if let coordinator = coordinator.withLock({ $0 }) { counts.add(coordinator.statistics.acquired) }
            return Rejection(limit: LimitReference(.product, .quota), source: "headers")
        }
        try await Bench(vendor.plan()).running { bench in
            coordinator.withLock { $0 = bench.coordinator }
            let verdict = try await call(bench, 429)
            #expect(verdict.isRejected)
            #expect(counts.all == [bench.coordinator.statistics.acquired])
        }
        coordinator.withLock { $0 = nil }
    }
}

private struct Acme: Vendor {
    let name = "acme"
    func read(_ response: some VendorResponse, body: some Sequence<UInt8>, now: WallInstant) -> VendorReading {
        VendorReading(status: response.statusCode)
    }
}
