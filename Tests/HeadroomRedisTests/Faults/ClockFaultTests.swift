// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomRedis
import HeadroomTesting
import KeapSimulator
import RedisTestServer
import Testing

#if os(Linux)
@Suite("Coordinators under load, and a Redis whose clock is stepped", .serialized, .timeLimit(.minutes(10)))
struct ClockFaultTests {
    /// A short window, so that what is forgotten and what is locked shows at once.
    private static let capacity = 60
    private static let window = Duration.milliseconds(500)

    /// How far the clock is ahead, one after the other.
    struct Steps: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let ahead: [Int]
        /// How many calls may be rejected at each step, because what was spent was forgotten.
        let mayForget: [Int]
    }

    @Test(
        "The limit is kept, and they go on at once",
        arguments: [
            Steps(testDescription: "back", ahead: [-5, -3_600, 0], mayForget: [0, 0, capacity / 2]),
            Steps(testDescription: "ahead", ahead: [5, 3_600, 0], mayForget: [capacity, capacity, 0]),
        ])
    func stepped(_ steps: Steps) async throws {
        let clock = try SteppedClock()
        let bench = try FaultBench(clock: clock)
        let vendor = ModelVendor(try .only(throttle: Self.capacity, per: Self.window))
        let plan = try Plan(
            name: "window", productLimits: [Limit(.throttle, capacity: Self.capacity, window: .rolling(Self.window))])
        let load = try Load(4, bench, plan: plan, vendor: vendor)
        try await load.run {
            #expect(await eventually { load.soFar.total > Self.capacity })
            #expect(vendor.report.rejected.total == 0)
            for (seconds, mayForget) in zip(steps.ahead, steps.mayForget) {
                try await step(clock, ahead: seconds, load, vendor, mayForget)
            }
        } check: { _ in
            #expect(vendor.report.limits["throttle"].map { $0.peak <= Self.capacity } == true)
        }
    }

    /// Steps the clock, and expects that the callers go on.
    private func step(
        _ clock: SteppedClock, ahead seconds: Int, _ load: Load, _ vendor: ModelVendor, _ mayForget: Int
    ) async throws {
        let (before, rejected) = (load.soFar, vendor.report.rejected.total)
        try clock.show(ahead: seconds)
        let goesOn = await eventually {
            load.soFar.total > before.total + Int64(2 * Self.capacity)
        }
        let gap = load.soFar.longestGap(since: max(0, before.moments.count - 1))
        let over = vendor.report.rejected.total - rejected
        print(
            "Redis' clock, \(seconds) s ahead now | libfaketime | \(over) 429s | longest gap \(gap) |",
            "at most \(vendor.report.limits["throttle"]?.peak ?? 0) of \(Self.capacity) |")
        #expect(goesOn && gap < .seconds(3) + load.soFar.noise)
        #expect(over <= mayForget)
    }

    @Test("A clock that is three days ahead ends every key: the account begins anew, and hears what was spent")
    func keysEnd() async throws {
        let clock = try SteppedClock()
        let bench = try FaultBench(clock: clock)
        let direct = try bench.direct()
        let load = try Load(3, bench, plan: .longWindow())
        var epoch: Int64?
        try await load.run {
            #expect(await eventually { load.soFar.total > 150 })
            epoch = try await direct.status(tenants: [], in: load.group)?.epoch
            // Between two scripts: one under way would find its keys and the new time, and forget what is past.
            try bench.server.command("CLIENT", "PAUSE", "60000", "WRITE")
            try clock.show(ahead: 3 * 86_400)
            try bench.server.command("CLIENT", "UNPAUSE")
            let before = load.soFar.total
            #expect(await eventually { load.soFar.total > before + 150 })
        } check: { tally in
            try await load.expectExactAccount(tally, bench)
            #expect(try await direct.status(tenants: [], in: load.group)?.epoch != epoch)
            print(
                "Redis' clock 3 days ahead | libfaketime | no vendor | longest gap \(tally.longestGap) | nothing lost")
        }
    }
}
#endif
