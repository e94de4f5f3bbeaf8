// SPDX-License-Identifier: Apache-2.0

import Soak
import Testing

@Suite("What is watched in a soak")
struct SoakWatchingTests {
    @Test("The time without service is between calls that were let through, also where it began before the phase")
    func gaps() {
        var track = ServiceTrack()
        track.note(letThrough: 0, rejected: 0, at: 0)
        track.note(letThrough: 1, rejected: 0, at: 5)
        track.note(letThrough: 2, rejected: 1, at: 6)
        #expect(track.mark() == Self.phase(rejected: 1, gap: 1))
        track.note(letThrough: 2, rejected: 4, at: 8)
        #expect(track.mark() == Self.phase(rejected: 3, gap: 2))
        track.note(letThrough: 3, rejected: 4, at: 9.5)
        #expect(track.mark() == Self.phase(rejected: 0, gap: 3.5))
    }

    @Test("The most calls of any span of whole seconds")
    func most() {
        let calls = [1: 5, 2: 1, 3: 1, 6: 4, 7: 3]
        #expect([1, 2, 3, 7].map { ServiceTrack.most(calls, within: $0) } == [5, 7, 7, 14])
        #expect(ServiceTrack.most([:], within: 5) == 0)
    }

    @Test("The line through samples shows how much memory rose, however it jumps about")
    func rise() throws {
        let samples = (0...100).map { step in
            MemoryTrend.Sample(time: 2 * Double(step), bytes: 1_000 + 3 * Double(step) + (step % 2 == 0 ? 7 : -7))
        }
        let trend = try #require(MemoryTrend(samples))
        #expect(abs(trend.rise - 300) < 1 && abs(trend.mean - 1_150) < 1)
        #expect(trend.seconds == 200 && trend.most == 1_307)
        #expect(MemoryTrend(Array(samples.prefix(2))) == nil)
    }

    @Test("It is flat up to a bound, and two minutes are too short to judge", arguments: [(1.0, true), (10, false)])
    func flat(mebibytes: Double, isFlat: Bool) throws {
        func trend(_ seconds: Int) throws -> MemoryTrend {
            try #require(
                MemoryTrend(
                    (0...seconds).map { step in
                        let part = Double(step) / Double(seconds)
                        return .init(time: Double(step), bytes: (20 + mebibytes * part) * Double(1 << 20))
                    }))
        }
        #expect(try trend(600).check("it")?.holds == isFlat)
        #expect(try trend(119).check("it") == nil)
    }

    private static func phase(rejected: Int, gap: Double) -> ServiceTrack.Phase {
        var phase = ServiceTrack.Phase()
        (phase.rejected, phase.longestGap) = (rejected, gap)
        return phase
    }
}
