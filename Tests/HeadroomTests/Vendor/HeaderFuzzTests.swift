// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomTesting
import Testing

@Suite("Any headers at all")
struct HeaderFuzzTests {
    /// A million over all seeds with HEADROOM_FUZZ_STEPS=1000000, as `Scripts/fuzz` has it.
    private static let setsPerSeed =
        (ProcessInfo.processInfo.environment["HEADROOM_FUZZ_STEPS"].flatMap { Int($0) } ?? 100_000) / 8
    private static let now = utc("2026-11-22T10:00:00Z")

    @Test("Nothing crashes the parser, and no number is outside its range", arguments: UInt64(1)...8)
    func ranges(seed: UInt64) {
        var fuzz = HeaderFuzz(random: SeededGenerator(seed: seed))
        var (readings, ignored, expiries, tenants, rejections) = (0, 0, 0, 0, 0)
        for index in 0..<Self.setsPerSeed {
            let (status, headers, body) = (fuzz.status(), fuzz.headers(), fuzz.body())
            let reading = read(status, headers.map { ($0.name, $0.value) }, body: body, now: Self.now)
            let throttle = Keap().rejection(in: reading, tenant: nil, remaining: [:])
            if let fault = Self.fault(of: reading) ?? Self.fault(of: throttle, reading) {
                Issue.record("seed \(seed), set \(index): \(fault): \(headers) gives \(reading)")
                return
            }
            readings += reading.readings.count
            ignored += reading.ignored.count
            expiries += reading.readings.count { $0.expiry != nil }
            tenants += reading.tenantID == nil ? 0 : 1
            rejections += throttle.limit == nil ? 0 : 1
        }
        // The sets reach what they are to try, rather than being turned away at the door.
        #expect(readings > Self.setsPerSeed / 4)
        #expect(ignored > Self.setsPerSeed / 4)
        #expect(expiries > 50)
        #expect(tenants > 50)
        #expect(rejections > 50)
    }

    /// What is wrong with a reading, if anything.
    private static func fault(of reading: VendorReading) -> String? {
        for (index, limit) in reading.readings.enumerated() {
            if let fault = fault(of: limit, now: reading.date ?? now) { return fault }
            let isRepeated = reading.readings[..<index].contains { $0.scope == limit.scope && $0.name == limit.name }
            if isRepeated { return "a limit is read twice" }
        }
        if let date = reading.date, !(0..<253_402_300_800_000_001).contains(date.microseconds) { return "date" }
        if let delay = reading.retryAfter, !(.zero ... .seconds(86_400)).contains(delay) { return "delay" }
        if let id = reading.tenantID, Tenant(id) == nil { return "tenant" }
        if let code = reading.faultCode, !(1...128).contains(code.utf8.count) { return "fault code" }
        if reading.ignored.count > 16 { return "too much is listed" }
        for entry in reading.ignored where entry.value.utf8.count > 64 || !entry.value.utf8.allSatisfy(isPrintable) {
            return "what is listed is not fit to print"
        }
        return nil
    }

    private static func isPrintable(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) }

    private static func fault(of limit: LimitReading, now: WallInstant) -> String? {
        let range = 0...Limit.maximumCapacity
        if let count = limit.limit, !range.contains(count) || count == 0 { return "limit" }
        if let count = limit.used, !range.contains(count) { return "used" }
        if let count = limit.available, !range.contains(count) { return "available" }
        if let time = limit.expiry, time <= now || time > now.advanced(by: .seconds(31 * 86_400 + 300)) {
            return "expiry"
        }
        if let window = limit.window, (try? Limit(limit.name, capacity: 1_000, window: window)) == nil {
            return "window"
        }
        return nil
    }

    private static func fault(of throttle: Rejection, _ reading: VendorReading) -> String? {
        throttle.limit != nil && !reading.isRejected ? "a call that was not rejected is explained" : nil
    }
}
