// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Testing

@Suite("Numbers as text")
struct NumberTextTests {
    @Test(
        "Three digits of what counts",
        arguments: [
            (0.0, "0.00"), (0.004, "0.00"), (1.294, "1.29"), (9.999, "10.00"), (12.34, "12.3"), (128.4, "128"),
            (-1.5, "-1.50"), (-0.001, "0.00"), (.nan, "–"), (.infinity, "–"),
        ])
    func plain(value: Double, text: String) {
        #expect(NumberText.plain(value) == text)
    }

    @Test("Numbers and spans are written as people read them")
    func numbers() {
        #expect(
            [0, 999, 1_000, -1_234_567].map { NumberText.grouped($0 as Int) } == ["0", "999", "1,000", "-1,234,567"])
        #expect([0, 0.001, 0.52, 1.2].map(NumberText.percent) == ["0 %", "<1 %", "52 %", "120 %"])
        #expect([0.4211, 37.51, 286.3].map(NumberText.plain) == ["0.42", "37.5", "286"])
        #expect([5, 75, 3_725].map { NumberText.clock(seconds: $0) } == ["00:05", "01:15", "1:02:05"])
        #expect(
            [350_000, 7_500_000, 250_000_000, 66_990_000_000].map { NumberText.span(microseconds: $0) }
                == ["350 ms", "7.5 s", "4 min 10 s", "18 h 36 min"])
    }
}
