// SPDX-License-Identifier: Apache-2.0

import HeadroomTesting
import Testing

@Suite("Seeded numbers")
struct SeededGeneratorTests {
    @Test("They are those of SplitMix64")
    func reference() {
        var generator = SeededGenerator(seed: 1_234_567)
        let numbers = (0..<5).map { _ in generator.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test("A copy goes on from the same place by itself")
    func copies() {
        var first = SeededGenerator(seed: 7)
        _ = first.next()
        var second = first
        #expect(first.next() == second.next())
        _ = first.next()
        #expect(first != second)
    }
}
