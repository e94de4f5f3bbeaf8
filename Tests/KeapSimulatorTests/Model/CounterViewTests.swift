// SPDX-License-Identifier: Apache-2.0

import KeapSimulator
import Testing

@Suite("Counters that lag")
struct CounterViewTests {
    private func configuration(_ view: CounterView) throws -> VendorConfiguration {
        var configuration = unlimited
        configuration.throttle = try WindowLimit(100, per: .seconds(60), counting: .calendar)
        configuration.view = view
        return configuration
    }

    @Test("Late headers report the count of the last meeting, while enforcement is exact")
    func reportedLate() throws {
        var vendor = VendorModel(try configuration(.reportedLate(.seconds(10))), start: midnight)
        let header = "x-keap-product-throttle-used"
        #expect((0..<5).map { vendor.reported(header, at: midnight + $0 * second) } == [0, 0, 0, 0, 0])
        #expect(vendor.reported(header, at: midnight + 10 * second) == 5)
        #expect(vendor.reported(header, at: midnight + 19 * second) == 5)
        #expect(vendor.reported(header, at: midnight + 20 * second) == 7)
        #expect(vendor.send(Array(repeating: midnight + 21 * second, count: 200)).count { $0 } == 92)
        #expect(vendor.reported(header, at: midnight + 60 * second) == 0)
    }

    @Test("Distributed counters let more than the capacity pass between meetings, and none after")
    func distributedEnforcement() throws {
        var vendor = VendorModel(
            try configuration(.distributed(processors: 4, meetingEvery: .seconds(10))), start: midnight)
        let early = vendor.send((0..<1_000).map { midnight + $0 * 1_000 }).count { $0 }
        #expect(early == 400)
        #expect(!vendor.send((0..<100).map { midnight + 10 * second + $0 }).contains(true))
        #expect(vendor.receive(at: midnight + 60 * second).status == 200)
    }

    @Test("What distributed counters report can rise and fall within a window")
    func distributedReports() throws {
        var vendor = VendorModel(
            try configuration(.distributed(processors: 3, meetingEvery: .seconds(10))), start: midnight)
        let reported = (0..<60).compactMap {
            vendor.reported("x-keap-product-throttle-available", at: midnight + $0 * second)
        }
        #expect(reported.count == 60)
        #expect(zip(reported, reported.dropFirst()).contains { $1 > $0 })
        let atMeetings = stride(from: 10, to: 60, by: 10).map { reported[$0] }
        #expect(atMeetings == [89, 79, 69, 59, 49])
    }

    @Test("Processors forget what has left a rolling window, also what they never reported")
    func rollingDistributed() throws {
        var configuration = unlimited
        configuration.throttle = try WindowLimit(10, per: .seconds(5), counting: .rolling)
        configuration.view = .distributed(processors: 2, meetingEvery: .seconds(60))
        var vendor = VendorModel(configuration, start: midnight)
        _ = vendor.send((0..<8).map { midnight + $0 })
        #expect(vendor.reported("x-keap-product-throttle-used", at: midnight + 6 * second) == 1)
    }
}
