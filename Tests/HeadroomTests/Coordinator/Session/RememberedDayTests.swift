// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import TestClock
import Testing

@Suite("Coordinator: what it remembers of the day", .tags(.threads), .timeLimit(.minutes(10)))
struct RememberedDayTests {
    /// 2026-11-23 00:00:00 UTC.
    private static let midnight: Microseconds = 1_795_392_000_000_000

    private func pass(_ bench: Bench, minutes: Int) async {
        for _ in 0..<(minutes * 60) { await bench.clock.advance(by: .seconds(1)) }
    }

    @Test("If nobody calls at the turn of the day, a ledger that loses its memory gets today's calls and no others")
    func idle() async throws {
        let clock = ManualClock.exact(origin: Self.midnight - 600_000_000)
        try await Bench(try .day(100), clock: clock).running { bench in
            for _ in 0..<57 { _ = try await bench.call() }
            await pass(bench, minutes: 12)
            for _ in 0..<50 { _ = try await bench.call() }
            await pass(bench, minutes: 3)
            #expect(try await bench.spent(.quota) == 50)
            bench.memory.loseMemory()
            await bench.pass(.seconds(4))
            #expect(try await bench.spent(.quota) == 50)
            // Half of the day is left.
            await #expect(throws: Never.self) { try await bench.call(timeout: .seconds(30)) }
        }
    }

    @Test("So it is for an instance that calls all the time, with a vendor that says when its day ends")
    func busy() async throws {
        let clock = ManualClock.exact(origin: Self.midnight - 120_000_000)
        let bench = Bench(try .day(2_000), clock: clock)
        var (today, hasTurned) = (0, false)
        try await bench.running(learns: false) { bench in
            while clock.microseconds < Self.midnight + 240_000_000 {
                let now = clock.microseconds
                if now >= Self.midnight, !hasTurned { (today, hasTurned) = (0, true) }
                today += 1
                let reading = LimitReading(
                    scope: .product, name: .quota, window: .day, limit: 2_000, used: today, available: 2_000 - today,
                    expiry: WallInstant(microseconds: Self.midnight + (hasTurned ? Rules.day : 0)))
                let date = WallInstant(microseconds: now - now % 1_000_000)
                let response = VendorReading(status: 200, readings: [reading], date: date)
                _ = try await bench.call(reading: response)
                await bench.clock.advance(by: .milliseconds(480))
            }
            await bench.pass(.seconds(1))
            let before = try await bench.spent(.quota)
            bench.memory.loseMemory()
            await bench.pass(.seconds(4))
            let after = try await bench.spent(.quota)
            #expect(abs(after - before) <= 3, "\(before) calls of the day before the loss, \(after) after it")
        }
    }

    @Test("Without the ledger, yesterday's calls leave today's share as it is")
    func share() async throws {
        let clock = ManualClock.exact(origin: Self.midnight - 600_000_000)
        try await Bench(try .day(100), configuration: .init(), clock: clock).running { bench in
            for _ in 0..<57 { _ = try await bench.call() }
            for _ in 0..<720 { await clock.advance(by: .seconds(1)) }
            for _ in 0..<50 { _ = try await bench.call() }
            for _ in 0..<180 { await clock.advance(by: .seconds(1)) }
            bench.ledger.cut(true)
            await bench.pass(.seconds(4))
            #expect(bench.coordinator.statistics.isInFallback)
            await #expect(throws: Never.self) { try await bench.call(timeout: .seconds(30)) }
            bench.ledger.cut(false)
        }
    }
}
