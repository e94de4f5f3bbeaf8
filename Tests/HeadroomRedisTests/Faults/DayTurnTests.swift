// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import KeapSimulator
import Testing

@Suite("The day's turn, with calls in flight", .tags(.threads), .serialized, .timeLimit(.minutes(10)))
struct DayTurnTests {
    private static let quota = 60
    /// 10 s before midnight by the ledger's clock.
    private static let start: Microseconds = 1_795_391_990_000_000

    @Test(
        "A vendor whose clock is off: its day counts, not ours; nothing is rejected, and the new day is used",
        arguments: [-5, 0, 5])
    func turn(offset: Int) async throws {
        let limit = try Limit(.quota, capacity: Self.quota, window: .day)
        let bench = try TimedBench(2, plan: Plan(name: "day", productLimits: [limit]), origin: Self.start)
        let clock = bench.clock
        var configuration = VendorConfiguration(
            spike: nil, throttle: nil,
            quota: try WindowLimit(Self.quota, per: .seconds(86_400), counting: .calendar))
        configuration.clockOffset = .seconds(offset)
        let vendor = ModelVendor(configuration) { clock.microseconds }
        let turn = 10 - offset
        try await bench.running {
            let callers = (0..<6).map { index in
                Task { await Self.call(bench.coordinators[index % 2], vendor, clock) }
            }
            defer { for caller in callers { caller.cancel() } }
            await bench.pass(.seconds(turn) - .milliseconds(500), step: .milliseconds(100))
            let before = vendor.report.accepted
            let inFlight = bench.coordinators.map(\.statistics.outstanding).reduce(0, +)
            await bench.pass(.seconds(3), step: .milliseconds(100))
            let soon = vendor.report.accepted - before
            await bench.pass(.seconds(17), step: .milliseconds(100))
            let after = vendor.report.accepted - before
            print(
                "The day's turn, vendor's clock \(offset) s ahead | manual clock | \(vendor.report.rejected.total) 429s |",
                "\(soon) calls within 2.5 s | \(before) and then \(after) of \(Self.quota) | \(inFlight) were in flight"
            )
            #expect(vendor.report.rejected.total == 0)
            #expect(vendor.report.limits["quota"].map { $0.peakCounted <= Self.quota } == true)
            #expect(soon > 0, "the new day is used at once")
            #expect(after >= Self.quota - 12 && after <= Self.quota + 6)
        }
    }

    /// One caller's life: calls that take a second each, of which the vendor counts the beginning.
    private static func call(_ coordinator: RateCoordinator, _ vendor: ModelVendor, _ clock: ManualClock) async {
        while !Task.isCancelled {
            guard let lease = try? await coordinator.acquire(timeout: .seconds(1)) else {
                try? await clock.sleep(for: .milliseconds(200))
                continue
            }
            let reading = vendor.call()
            try? await clock.sleep(for: .seconds(1))
            _ = lease.complete(reading)
        }
    }
}
