// SPDX-License-Identifier: Apache-2.0

import KeapSimulator
import Testing

@Suite("Options")
struct OptionTests {
    @Test("A limit's text changes its capacity, its window, or turns it off, and keeps how it is counted")
    func limits() throws {
        var vendor = VendorConfiguration.keapOAuth
        try vendor.apply(limit: "throttle=100/5s")
        try vendor.apply(limit: "quota=60")
        try vendor.apply(limit: "spike=off")
        try vendor.apply(limit: "tenant-throttle=7/500ms")
        #expect(vendor.throttle == (try WindowLimit(100, per: .seconds(5), counting: .rolling)))
        #expect(vendor.quota == (try WindowLimit(60, per: .seconds(86_400), counting: .calendar)))
        #expect(vendor.spike == nil)
        #expect(vendor.tenantThrottle?.window == .milliseconds(500))
    }

    @Test(
        "A wrong limit is an error that says what is right",
        arguments: [
            ("throttle", "limit 'throttle' has no value; write it like throttle=1500/60s or spike=off"),
            (
                "minute=3",
                "there is no limit 'minute'; limits are spike, throttle, quota, tenant-throttle, tenant-quota"
            ),
            (
                "quota=many",
                "limit 'quota=many' has no capacity; write it like throttle=1500/60s, quota=60 or spike=off"
            ),
            ("quota=0", "capacity 0 is not in 1...1000000000"),
            ("throttle=5/x", "'x' is not a duration; write it like 20ms, 1.5s, 1min, 24h or 1d"),
        ])
    func wrongLimits(text: String, message: String) {
        var vendor = VendorConfiguration.keapOAuth
        #expect(throws: SimulatorError(message)) { try vendor.apply(limit: text) }
        #expect(vendor == .keapOAuth)
    }

    @Test("Spike policies are read by their names")
    func spikes() throws {
        var vendor = VendorConfiguration.keapOAuth
        try vendor.apply(spikePolicy: "smoothing")
        #expect(vendor.spike?.policy == .smoothing)
        try vendor.apply(spikePolicy: "divided:4")
        #expect(vendor.spike?.policy == .divided(processors: 4, sliding: false))
        try vendor.apply(spikePolicy: "divided:3:sliding")
        #expect(vendor.spike?.policy == .divided(processors: 3, sliding: true))
        #expect(throws: SimulatorError.self) { try vendor.apply(spikePolicy: "divided:x") }
        #expect(throws: SimulatorError.self) { try vendor.apply(spikePolicy: "divided:99") }
        try vendor.apply(spikePolicy: "off")
        #expect(vendor.spike == nil)
    }

    @Test("Strangers are read with their shape and their target")
    func strangers() throws {
        #expect(try Strangers(option: "480/min") == Strangers(perMinute: 480))
        #expect(
            try Strangers(option: "480/min:bursts=20s@ab")
                == Strangers(perMinute: 480, shape: .bursts(every: .seconds(20)), target: .tenant("ab")))
        #expect(
            try Strangers(option: "60/min:bursts@product+ab")
                == Strangers(perMinute: 60, shape: .bursts(every: .seconds(15)), target: .productAndTenant("ab")))
        for wrong in ["480", "x/min", "480/min:waves", "480/min@", "", "0/min", "480/min:bursts=x"] {
            #expect(throws: SimulatorError.self) { try Strangers(option: wrong) }
        }
    }

    @Test("Used counts, orders, latencies, faults and lags are read, and wrong ones are errors")
    func others() throws {
        var vendor = VendorConfiguration.keapOAuth
        try vendor.apply(used: "quota=149940")
        #expect(vendor.used == [.quota: 149_940])
        #expect(throws: SimulatorError.self) { try vendor.apply(used: "spike=1") }
        #expect(throws: SimulatorError.self) { try vendor.apply(used: "quota=-1") }
        try vendor.apply(order: "quota,spike")
        #expect(vendor.order == [.quota, .spike, .throttle, .tenantThrottle, .tenantQuota])
        #expect(throws: SimulatorError.self) { try vendor.apply(order: "quota,quota") }
        let latency = try Latency(median: "20ms", jitter: "5ms", lateShare: "0.2%", lateRange: "0.2s-500ms")
        #expect(latency.lateRange == .milliseconds(200) ... .milliseconds(500))
        #expect(latency.lateShare == 0.002)
        #expect(throws: SimulatorError.self) { try Latency.share("2") }
        #expect(throws: SimulatorError.self) {
            try Latency(median: "1s", jitter: "0s", lateShare: "0", lateRange: "2s-1s")
        }
        #expect(throws: SimulatorError.self) { try Faults(internalErrors: "60%", unavailable: "60%", silent: "0") }
        #expect(try CounterView(lagSeconds: 0, processors: 1) == .exact)
        #expect(try CounterView(lagSeconds: 10, processors: 1) == .reportedLate(.seconds(10)))
        #expect(
            try CounterView(lagSeconds: 10, processors: 3) == .distributed(processors: 3, meetingEvery: .seconds(10)))
        #expect(throws: SimulatorError.self) { try CounterView(lagSeconds: 0, processors: 3) }
    }
}
