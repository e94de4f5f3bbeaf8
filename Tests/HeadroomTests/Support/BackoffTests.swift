// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport
import HeadroomTesting
import Testing

@testable import Headroom

@Suite("Pauses between attempts")
struct BackoffTests {
    @Test("Pauses double up to the longest, each cut by up to a half", arguments: 0..<20)
    func cut(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var backoff = Backoff(first: 50, longest: 2_000, spreadPerMille: 500...1000)
        for _ in 0..<2 {
            for whole in [50, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000] as [Int64] {
                let pause = backoff.next(jitter: .random(in: 0...1000, using: &generator))
                #expect(pause >= whole / 2 && pause <= whole)
            }
            backoff.succeed()
        }
    }

    @Test("Before the ledger is asked again: 50 ms doubled up to 1 s; after defects 1 s doubled up to 5 s")
    func ledger() {
        var backoff = Backoff.ledger
        let failures = (0..<7).map { _ in backoff.next(jitter: 500) }
        #expect(failures == [50_000, 100_000, 200_000, 400_000, 800_000, 1_000_000, 1_000_000])
        let defects = (0..<5).map { _ in backoff.next(isDefect: true, jitter: 500) }
        #expect(defects == [1_000_000, 2_000_000, 4_000_000, 5_000_000, 5_000_000])
        #expect(backoff.failures == 12 && backoff.defects == 5)
        #expect(backoff.next(jitter: 0) == 750_000 && backoff.defects == 0)
        #expect(backoff.next(jitter: 999) == 1_249_000)
        backoff.succeed()
        #expect(backoff.next(jitter: 500) == 50_000)
    }

    @Test("Spans at the ends of their range overflow nothing")
    func extremes() {
        var backoff = Backoff(first: .max / 2, longest: .max, spreadPerMille: 500...1000)
        for _ in 0..<80 { #expect(backoff.next(jitter: 1000) > 0) }
    }
}
