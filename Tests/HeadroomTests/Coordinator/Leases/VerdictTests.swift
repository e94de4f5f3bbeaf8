// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: verdicts", .tags(.threads), .timeLimit(.minutes(10)))
struct VerdictTests {
    private static func limit(
        _ name: LimitName, _ window: Limit.Window, _ limit: Int, used: Int, available: Int? = nil,
        scope: LimitReading.Scope = .product
    ) -> LimitReading {
        LimitReading(
            scope: scope, name: name, window: window, limit: limit, used: used, available: available ?? limit - used)
    }

    private static let minute = Limit.Window.rolling(.seconds(60))

    @Test(
        "A rejection names the limit, and when to try again",
        arguments: [
            (VendorReading(status: 429), LimitReference(.product, .spike), Duration.seconds(1)...Duration.seconds(1)),
            (
                VendorReading(status: 429, readings: [limit(.throttle, minute, 1500, used: 1500)]),
                LimitReference(.product, .throttle), .seconds(1)...Duration.seconds(1)
            ),
            (
                VendorReading(
                    status: 429, readings: [limit(.throttle, minute, 1500, used: 1500)], retryAfter: .seconds(7)),
                LimitReference(.product, .throttle), .seconds(7)...Duration.seconds(7)
            ),
            (
                VendorReading(status: 429, readings: [limit(.quota, .day, 150_000, used: 150_000)]),
                LimitReference(.product, .quota), .seconds(3600)...Duration.seconds(86_400)
            ),
            (
                VendorReading(status: 429, readings: [limit(.throttle, minute, 10_000, used: 10_000, scope: .tenant)]),
                LimitReference(.tenant(Tenant("ab123")!), .throttle), .seconds(1)...Duration.seconds(1)
            ),
            (
                VendorReading(status: 503, isRejected: true, faultCode: "policies.ratelimit.SpikeArrestViolation"),
                LimitReference(.product, .spike), .seconds(1)...Duration.seconds(1)
            ),
        ])
    func rejection(_ reading: VendorReading, _ limit: LimitReference, _ wait: ClosedRange<Duration>) async throws {
        try await Bench(.keapOAuth).running(learns: false) { bench in
            let verdict = try await bench.call(tenant: "ab123", reading: reading)
            guard let rejection = verdict.rejection else {
                Issue.record("\(verdict) is no rejection")
                return
            }
            #expect(rejection.limit == limit)
            #expect(wait.contains(rejection.retryAfter))
            await bench.pass(.milliseconds(20))
            #expect(bench.ledger.exchanges.flatMap(\.rejections).map(\.limit) == [limit])
        }
    }

    @Test("A tenant's reading is left out if the call names no tenant; one that is not whole is left out always")
    func observations() async throws {
        try await Bench(.keapOAuth).running(learns: false) { bench in
            let readings = [
                Self.limit(.throttle, Self.minute, 1500, used: 10),
                Self.limit(.quota, .day, 150_000, used: 10, available: 10),
                Self.limit(.throttle, Self.minute, 10_000, used: 5, scope: .tenant),
                LimitReading(scope: .product, name: .spike, window: .paced(.seconds(1)), limit: 10),
            ]
            _ = try await bench.call(reading: VendorReading(status: 200, readings: readings))
            await bench.pass(.milliseconds(200))
            let observations = bench.ledger.exchanges.flatMap(\.observations)
            #expect(
                Set(observations.map(\.limit)) == [
                    LimitReference(.product, .throttle), LimitReference(.product, .spike),
                ])
            #expect(observations.first { $0.limit.name == .throttle }?.mark == 1)
            #expect(observations.first { $0.limit.name == .throttle }?.used == 10)
            #expect(observations.first { $0.limit.name == .spike }?.used == nil)
        }
    }

    @Test("withLease tries again by itself, and gives the value of the call that was let through")
    func retry() async throws {
        try await Bench(.keapOAuth).running { bench in
            let coordinator = bench.coordinator
            let tries = Record<Microseconds>()
            let task = Task {
                try await coordinator.withLease(label: "orders") { lease in
                    tries.add(bench.clock.microseconds)
                    let status = tries.all.count < 3 ? 429 : 200
                    return Completion(verdict: lease.complete(VendorReading(status: status)), value: tries.all.count)
                }
            }
            let value = try await bench.finish(task)
            #expect(value == 3 && tries.all.count == 3)
            #expect(tries.all[1] - tries.all[0] >= 1_000_000)
            #expect(coordinator.statistics.rejected == 2)
        }
    }

    @Test(
        "withLease gives up if the timeout leaves no time, and throws the rejection; the body's own error goes through"
    )
    func giveUp() async throws {
        struct Broken: Error {}
        try await Bench(.keapOAuth).running { bench in
            let coordinator = bench.coordinator
            let task = Task {
                try await coordinator.withLease(timeout: .milliseconds(1_500)) { lease in
                    Completion(verdict: lease.complete(VendorReading(status: 429)), value: ())
                }
            }
            let error = await #expect(throws: RateLimitError.self) { try await bench.finish(task) }
            #expect(error?.code == .rejected && error?.rejection?.limit?.name == .spike)
            #expect(coordinator.statistics.rejected == 2)
            let broken = Task { try await coordinator.withLease { _ -> Completion<Void> in throw Broken() } }
            await #expect(throws: Broken.self) { try await bench.finish(broken) }
            #expect(coordinator.statistics.dropped == 1)
        }
    }

    @Test("Events report a limit that is near, a rejection and its pause, a learned capacity and drift")
    func events() async throws {
        let bench = try Bench(.minute(100))
        let stream = bench.coordinator.events()
        try await bench.running(learns: false) { bench in
            for used in [1, 2, 3] {
                let reading = Self.limit(.throttle, Self.minute, 50, used: used)
                _ = try await bench.call(reading: VendorReading(status: 200, readings: [reading]))
                await bench.pass(.milliseconds(150))
            }
            let reading = Self.limit(.throttle, Self.minute, 50, used: 44)
            _ = try await bench.call(reading: VendorReading(status: 200, readings: [reading]))
            await bench.pass(.seconds(3))
            _ = try await bench.call(
                reading: VendorReading(status: 429, readings: [Self.limit(.throttle, Self.minute, 50, used: 50)]))
            await bench.pass(.seconds(3))
            #expect(bench.coordinator.gauges.first?.capacity == 50)
        }
        var seen: [CoordinatorEvent.Detail] = []
        for await event in stream { seen.append(event.detail) }
        let limit = LimitReference(.product, .throttle)
        #expect(seen.contains(.learnedLimit(limit: limit, from: 100, to: 50)))
        #expect(seen.contains(.drift(limit: limit, calls: 40)))
        #expect(seen.contains { if case .nearLimit(limit, 0.85...0.9) = $0 { true } else { false } })
        #expect(seen.contains(.rejected(Rejection(limit: limit, retryAfter: .seconds(1), source: "headers"))))
        #expect(seen.contains { if case .paused(limit, _) = $0 { true } else { false } })
    }
}
