// SPDX-License-Identifier: Apache-2.0

import KeapSimulator
import Testing

@Suite("The spike")
struct SpikeTests {
    private func vendor(_ rate: Int, _ policy: SpikeLimit.Policy) throws -> VendorModel {
        var configuration = unlimited
        configuration.spike = try SpikeLimit(checking: rate, policy: policy)
        return VendorModel(configuration, start: midnight)
    }

    @Test("A sliding second is judged as a slow count judges it", arguments: 1...4 as ClosedRange<UInt64>)
    func sliding(seed: UInt64) throws {
        var vendor = try vendor(25, .sliding)
        let times = traffic(seed: seed, count: 1_000, meanGap: second / 50, from: midnight)
        var accepted: [Int64] = []
        let expected = times.map { time in
            let hasRoom = accepted.count { $0 > time - second } < 25
            if hasRoom { accepted.append(time) }
            return hasRoom
        }
        #expect(firstDifference(vendor.send(times), expected) == nil)
        #expect(expected.contains(false))
        #expect(vendor.report(at: times[times.count - 1]).limits["spike"]?.peak == slowPeak(accepted, window: second))
    }

    @Test("Smoothing lets one call pass per interval, and two at once where a tenth of the rate is two")
    func smoothing() throws {
        var vendor = try vendor(25, .smoothing)
        let step: Int64 = 40_000
        #expect(vendor.send([0, 0, 0].map { midnight + $0 }) == [true, true, false])
        #expect(vendor.send([step - 1, step, step].map { midnight + $0 }) == [false, true, false])
        let paced = (0..<500).map { midnight + second + $0 * step }
        #expect(vendor.send(paced).allSatisfy { $0 })
    }

    @Test("Smoothing of a small rate has no burst, and of one that does not divide a second keeps the average")
    func smallRates() throws {
        var slow = try vendor(10, .smoothing)
        #expect(slow.send([0, 99_999, 100_000].map { midnight + $0 }) == [true, false, true])
        var odd = try vendor(7, .smoothing)
        let greedy = odd.send((0..<20_000).map { midnight + $0 * 1_000 }).count { $0 }
        #expect((139...141).contains(greedy))
    }

    @Test("A divided rate rejects well-paced calls now and then, and lets no processor pass more than its part")
    func divided() throws {
        var vendor = try vendor(25, .divided(processors: 4))
        let paced = vendor.send((0..<2_000).map { midnight + $0 * 42_000 })
        let rejected = paced.count { !$0 }
        #expect((400...1_500).contains(rejected))
        var greedy = try self.vendor(25, .divided(processors: 4))
        let passed = greedy.send((0..<20_000).map { midnight + $0 * 1_000 }).count { $0 }
        #expect((460...504).contains(passed))
    }

    @Test("A rate divided over sliding processors lets each pass its part of a second at once")
    func dividedSliding() throws {
        var vendor = try vendor(25, .divided(processors: 4, sliding: true))
        #expect(vendor.send(Array(repeating: midnight, count: 1_000)).count { $0 } == 24)
    }

    @Test("Without a spike limit calls of one moment all pass")
    func off() {
        var vendor = VendorModel(unlimited, start: midnight)
        #expect(vendor.send(Array(repeating: midnight, count: 1_000)).allSatisfy { $0 })
        #expect(vendor.report(at: midnight).limits.isEmpty)
    }

    @Test("Rates and processors out of range are errors that name the value")
    func errors() {
        #expect(throws: SimulatorError("capacity 0 is not in 1...1000000000")) { try SpikeLimit(0) }
        #expect(throws: SimulatorError("spike divided over 0 processors: the number is not in 1...64")) {
            try SpikeLimit(checking: 25, policy: .divided(processors: 0))
        }
    }
}
