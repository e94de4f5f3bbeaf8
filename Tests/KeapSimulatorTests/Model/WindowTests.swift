// SPDX-License-Identifier: Apache-2.0

import KeapSimulator
import Testing

@Suite("Window limits")
struct WindowTests {
    @Test(
        "Random traffic is judged as a slow count of the rolling window judges it",
        arguments: 1...4 as ClosedRange<UInt64>)
    func rolling(seed: UInt64) throws {
        let times = traffic(seed: seed, count: 700, meanGap: second / 4, from: midnight)
        var accepted: [Int64] = []
        let expected = times.map { time in
            let hasRoom = accepted.count { $0 > time - 10 * second } < 20
            if hasRoom { accepted.append(time) }
            return hasRoom
        }
        try check(.rolling, times, expected, accepted)
    }

    @Test(
        "Random traffic is judged as a slow count of the calendar window judges it",
        arguments: 1...4 as ClosedRange<UInt64>)
    func calendar(seed: UInt64) throws {
        let times = traffic(seed: seed, count: 700, meanGap: second / 4, from: midnight - 3 * second)
        var accepted: [Int64] = []
        let expected = times.map { time in
            let hasRoom = accepted.count { $0 / (10 * second) == time / (10 * second) } < 20
            if hasRoom { accepted.append(time) }
            return hasRoom
        }
        try check(.calendar, times, expected, accepted)
    }

    @Test(
        "Random traffic is judged as a slow count from a first call judges it", arguments: 1...4 as ClosedRange<UInt64>)
    func firstCall(seed: UInt64) throws {
        let times = traffic(seed: seed, count: 700, meanGap: second / 4, from: midnight)
        var accepted: [Int64] = []
        var begin = Int64.min / 2
        let expected = times.map { time in
            if time >= begin + 10 * second { begin = time }
            let hasRoom = accepted.count { $0 >= begin && $0 <= time } < 20
            if hasRoom { accepted.append(time) }
            return hasRoom
        }
        try check(.firstCall, times, expected, accepted)
    }

    private func check(
        _ counting: WindowLimit.Counting, _ times: [Int64], _ expected: [Bool], _ accepted: [Int64]
    ) throws {
        var configuration = unlimited
        configuration.throttle = try WindowLimit(20, per: .seconds(10), counting: counting)
        var vendor = VendorModel(configuration, start: times[0])
        #expect(firstDifference(vendor.send(times), expected) == nil)
        #expect(expected.contains(false) && expected.contains(true))
        let report = vendor.report(at: times[times.count - 1])
        #expect(report.limits["throttle"]?.peak == slowPeak(accepted, window: 10 * second))
        #expect(report.accepted == accepted.count)
        #expect(report.rejected.throttle == times.count - accepted.count)
    }

    @Test("Two calendar windows let twice the capacity pass in one span of a window, and the peak shows it")
    func seam() throws {
        var configuration = unlimited
        configuration.throttle = try WindowLimit(5, per: .seconds(60), counting: .calendar)
        var vendor = VendorModel(configuration, start: midnight - minute)
        _ = vendor.send((0..<9).map { midnight - second + $0 } + (0..<9).map { midnight + second + $0 })
        let use = try #require(vendor.report(at: midnight + 2 * second).limits["throttle"])
        #expect((use.peak, use.peakCounted, use.used) == (10, 5, 5))
    }

    @Test("The day turns at midnight UTC, and the header names that moment in milliseconds")
    func dayTurn() throws {
        var configuration = VendorConfiguration.keapOAuth
        configuration.used[.quota] = 149_999
        var vendor = VendorModel(configuration, start: midnight - 30 * second)
        let last = vendor.receive(at: midnight - 20 * second)
        #expect(last.status == 200)
        #expect(last.header("x-keap-product-quota-used") == "150000")
        #expect(last.header("x-keap-product-quota-expiry-time") == String(midnight / 1_000))
        let rejected = vendor.receive(at: midnight - 1)
        #expect(rejected.outcome == .rejected(by: .quota))
        #expect(rejected.header("x-keap-product-quota-available") == "0")
        let next = vendor.receive(at: midnight)
        #expect(next.status == 200)
        #expect(next.header("x-keap-product-quota-used") == "1")
        #expect(next.header("x-keap-product-quota-expiry-time") == String((midnight + day) / 1_000))
    }

    @Test("A vendor whose clock is ahead turns the day early and dates its answers by its own clock")
    func clockOffset() throws {
        var configuration = VendorConfiguration.keapOAuth
        configuration.clockOffset = .seconds(5)
        configuration.used[.quota] = 150_000
        var vendor = VendorModel(configuration, start: midnight - minute)
        #expect(vendor.receive(at: midnight - 5 * second - 1).outcome == .rejected(by: .quota))
        let answer = vendor.receive(at: midnight - 5 * second)
        #expect(answer.status == 200)
        #expect(answer.header("date") == "Sun, 22 Nov 2026 00:00:00 GMT")
        #expect(vendor.report(at: midnight).lastCall == Double(midnight - 5 * second) / 1e6)
    }

    @Test("Calls from before the start leave a rolling window one by one")
    func used() throws {
        var configuration = unlimited
        configuration.throttle = try WindowLimit(100, per: .seconds(60), counting: .rolling)
        configuration.used[.throttle] = 60
        var vendor = VendorModel(configuration, start: midnight)
        #expect(vendor.reported("x-keap-product-throttle-used", at: midnight) == 61)
        let half = vendor.reported("x-keap-product-throttle-used", at: midnight + 30 * second) ?? -1
        #expect((31...33).contains(half))
        #expect(vendor.reported("x-keap-product-throttle-used", at: midnight + 60 * second) == 2)
    }

    @Test("A moment before the last is taken for the last")
    func backwards() throws {
        var configuration = unlimited
        configuration.throttle = try WindowLimit(1, per: .seconds(60), counting: .rolling)
        var vendor = VendorModel(configuration, start: midnight)
        #expect(vendor.send([midnight + minute, midnight, midnight + 2 * minute - 1]) == [true, false, false])
    }
}
