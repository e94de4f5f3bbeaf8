// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomSupport
import HeadroomTesting
import KeapSimulator
import RedisTestServer
import Testing

@Suite("A vendor that counts, and a Redis that some of its callers lose, or all", .serialized, .timeLimit(.minutes(10)))
struct LostLedgerTests {
    /// A tenth of Keap's minute, at Keap's pace: the limits of 25 a second and of 150 in 6 s.
    private static let window = Duration.seconds(6)
    private static let outage = Duration.seconds(7)

    private static func vendor() throws -> ModelVendor {
        ModelVendor(
            VendorConfiguration(
                spike: try SpikeLimit(25), throttle: try WindowLimit(150, per: window, counting: .rolling), quota: nil))
    }

    private static func plan() throws -> Plan {
        try Plan(
            name: "short",
            productLimits: [
                Limit(.spike, capacity: 25, window: .paced(.seconds(1))),
                Limit(.throttle, capacity: 150, window: .rolling(window)),
            ])
    }

    @Test(
        "Of eight instances that lose Redis, or four of them, at most 1 % of the calls are rejected", arguments: [4, 8])
    func lost(_ count: Int) async throws {
        let (bench, vendor) = (try FaultBench(), try Self.vendor())
        let load = try Load(8, bench, plan: Self.plan(), vendor: vendor, proxied: count) { configuration in
            configuration.timeToLive = .seconds(3)
        }
        let calls = Mutex<(before: Int64, after: Int64)>((0, 0))
        try await load.run(callersEach: 2) {
            #expect(await eventually { load.soFar.total > 100 })
            bench.proxy.close()
            calls.withLock { $0.before = load.soFar.total }
            try await Task.sleep(for: Self.outage)
            calls.withLock { $0.after = load.soFar.total }
            #expect(await eventually { load.coordinators.count { $0.statistics.isInFallback } == count })
            try bench.proxy.accept()
            #expect(await eventually { load.coordinators.allSatisfy { !$0.statistics.isInFallback } })
            let before = load.soFar.total
            #expect(await eventually { load.soFar.total > before + 50 })
        } check: { tally in
            let report = vendor.report
            let (total, rejected) = (report.total, report.rejected.total)
            let during = calls.withLock { $0.after - $0.before }
            print(
                """
                \(count) of 8 without Redis for \(Self.outage): \(rejected) of \(total) calls rejected, \(during) made \
                meanwhile, longest gap \(tally.longestGap(since: 20)), most in a window \
                \(report.limits["throttle"]?.peak ?? -1) of 150, \(tally.failed)
                """)
            #expect(Double(rejected) <= 0.01 * Double(total))
            #expect(report.limits["throttle"]?.peak ?? .max <= 150)
            // At least two fifths of what 25 a second would be.
            #expect(Double(during) > 0.4 * 25 * (Self.outage / .seconds(1)))
            #expect(load.coordinators.prefix(count).allSatisfy { $0.statistics.grantedInFallback > 0 })
        }
    }
}
