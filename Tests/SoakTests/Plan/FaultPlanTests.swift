// SPDX-License-Identifier: Apache-2.0

import Soak
import Testing

@Suite("The faults of a soak")
struct FaultPlanTests {
    @Test("The same seed draws the same faults, another one others")
    func seeds() {
        #expect(Self.plan(1) == Self.plan(1))
        #expect(Self.plan(1) != Self.plan(2))
    }

    @Test("Every kind has had its turn before one comes again, and lasts as long as it may", arguments: 1...20)
    func turns(seed: UInt64) {
        let faults = Self.plan(seed, seconds: 3_600).faults
        let all = FaultKind.allCases.count
        #expect(faults.count > 3 * all)
        for deck in stride(from: 0, to: faults.count - all, by: all) {
            #expect(Set(faults[deck..<(deck + all)].map(\.kind)).count == all)
        }
        #expect(faults.allSatisfy { $0.kind.span.contains($0.span / 10) })
    }

    @Test("There is time to warm up, to recover after each, and at the end", arguments: 1...20)
    func recovery(seed: UInt64) throws {
        let faults = Self.plan(seed).faults
        #expect(try #require(faults.first).start == 60)
        for (fault, next) in zip(faults, faults.dropFirst()) {
            #expect((9.99...14.01).contains(next.start - fault.start - fault.span))
        }
        let last = try #require(faults.last)
        #expect(last.start + last.span <= 600 - 15)
    }

    @Test("Only what was asked for is broken; nothing, where nothing was")
    func chosen() throws {
        let kinds = try FaultKind.list("worker-kill,flush-all")
        #expect(kinds == [.workerKill, .flushAll])
        var generator = Numbers(1)
        let plan = FaultPlan(kinds, seconds: 600, warmUp: 60, timeToLive: 10, using: &generator)
        #expect(Set(plan.faults.map(\.kind)) == [.workerKill, .flushAll])
        #expect(FaultPlan([], seconds: 600, warmUp: 60, timeToLive: 10, using: &generator).faults.isEmpty)
    }

    @Test("What is no fault is named, with those that there are")
    func unknown() {
        #expect { try FaultKind.list("flush-all,tornado") } throws: { error in
            "\(error)".hasPrefix("no fault 'tornado'; there are: worker-kill, ")
        }
    }

    private static func plan(_ seed: UInt64, seconds: Double = 600) -> FaultPlan {
        var generator = Numbers(seed)
        return FaultPlan(FaultKind.allCases, seconds: seconds, warmUp: 60, timeToLive: 10, using: &generator)
    }
}

/// Numbers that depend on a seed and nothing else.
private struct Numbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) | (state << 31)
    }
}
