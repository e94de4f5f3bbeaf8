// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

/// A whole day of Keap's OAuth plan in simulated time, against a real Redis: five workers that want about 170,000
/// calls, one crash an hour with permits out, strangers, and a Redis that loses its data three times.
@Suite("A day of 150,000 calls")
struct DayTests {
    @Test("The quota is used to the end and not beyond, whatever breaks", .timeLimit(.minutes(10)))
    func day() async throws {
        let server = try RedisTestServer()
        let time = SettableTime(SimulatedDay.start)
        var day = try SimulatedDay(RedisLedger(try connection(server)) { time.now }, time: time, seed: 1)
        for step in 0..<(86_400 / SimulatedDay.stepSeconds + 60) {
            if step > 0, step % 5_000 == 0 { _ = try server.command("FLUSHALL") }
            try await day.step()
        }
        let vendor = day.vendor
        let own =
            "\(vendor.acceptedOn(day: 0)) accepted, \(vendor.rejectedByMinute) and \(vendor.rejectedByQuota) rejected"
        print("A simulated day: \(own), \(day.crashes) crashes, \(day.rejoins) rejoins, \(day.exchanges) exchanges")
        #expect(vendor.acceptedOn(day: 0) <= 150_000)
        #expect(vendor.acceptedOn(day: 0) >= 149_000, "most of the quota is used")
        #expect(vendor.rejectedByMinute == 0)
        // Once the vendor rejects a call, one finds out every five minutes (less a jitter of a quarter) until the day
        // turns.
        let probes = Int(vendor.exhaustedFor / 225_000_000)
        #expect(vendor.rejectedByQuota <= probes + 3, "\(vendor.rejectedByQuota) calls were rejected by the quota")
        #expect(vendor.acceptedOn(day: 1) > 0, "the new day's quota is used")
        #expect(day.crashes >= 23)
        #expect(day.rejoins >= 3 * 5)
        #expect(day.namedQuota > 0, "callers hear that the quota is short")
    }
}

/// The vendor's minute (rolling) and day, with strangers.
struct DayVendor {
    private(set) var rejectedByMinute = 0
    private(set) var rejectedByQuota = 0
    private var firstRejection: Int64?
    private var minute: [(at: Int64, count: Int)] = []
    private var days: [Int64: Int] = [:]
    private let start: Int64

    init(start: Int64) { self.start = start }

    /// How long before the first day's end the quota rejected a call first.
    var exhaustedFor: Int64 { firstRejection.map { start + 86_400_000_000 - $0 } ?? 0 }

    func acceptedOn(day: Int64) -> Int { days[start / 86_400_000_000 + day] ?? 0 }

    mutating func usedInMinute(at now: Int64) -> Int {
        minute.removeAll { $0.at <= now - 60_000_000 }
        return minute.reduce(0) { $0 + $1.count }
    }

    func usedInDay(at now: Int64) -> Int { days[now / 86_400_000_000] ?? 0 }

    mutating func receive(at now: Int64) -> Bool {
        guard usedInDay(at: now) < 150_000 else {
            rejectedByQuota += 1
            firstRejection = firstRejection ?? now
            return false
        }
        guard usedInMinute(at: now) < 1_500 else {
            rejectedByMinute += 1
            return false
        }
        days[now / 86_400_000_000, default: 0] += 1
        if minute.last?.at == now { minute[minute.count - 1].count += 1 } else { minute.append((now, 1)) }
        return true
    }

    /// Strangers obey the vendor, and are rejected without a word of ours.
    mutating func stranger(at now: Int64) {
        guard usedInDay(at: now) < 150_000, usedInMinute(at: now) < 1_500 else { return }
        days[now / 86_400_000_000, default: 0] += 1
        minute.append((now, 1))
    }
}
