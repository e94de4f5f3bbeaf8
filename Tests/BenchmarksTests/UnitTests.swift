// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import Testing

@Suite("Units of figures")
struct UnitTests {
    @Test(
        "A figure is written with its unit",
        arguments: [
            (Unit.nanoseconds, 250.0, "250 ns"), (.microseconds, 1.5, "1.50 µs"), (.perSecond, 1_250_000, "1.25M/s"),
            (.perSecond, 119_000, "119k/s"), (.perSecond, 25, "25.0/s"), (.bytes, 312, "312 B"),
            (.bytes, 16_384, "16.0 KiB"), (.share, 0.995, "99.50 %"), (.count, 4.2, "4.20"),
        ])
    func units(unit: Unit, value: Double, text: String) {
        #expect(unit.text(value) == text)
    }
}
