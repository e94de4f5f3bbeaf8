// SPDX-License-Identifier: Apache-2.0

import Headroom
import Testing

@Suite("Spans in microseconds")
struct DurationMicrosecondsTests {
    @Test(
        "A span is cut off to whole microseconds",
        arguments: [
            (.zero, 0), (.seconds(1), 1_000_000), (.milliseconds(1), 1_000), (.nanoseconds(1_999), 1),
            (.nanoseconds(999), 0), (.nanoseconds(-1_999), -1), (.seconds(-2), -2_000_000),
            (.seconds(31 * 86_400), 2_678_400_000_000), (.microseconds(Int64.max), Int64.max),
            (.microseconds(Int64.min), Int64.min),
        ] as [(Duration, Microseconds)])
    func cutOff(span: Duration, expected: Microseconds) {
        #expect(span.microseconds == expected)
    }

    @Test("A span that does not fit is the end of the range on its side")
    func saturates() {
        #expect(Duration.seconds(Int64.max).microseconds == .max)
        #expect(Duration.seconds(Int64.min).microseconds == .min)
        #expect((Duration.microseconds(Int64.max) + .microseconds(1)).microseconds == .max)
        #expect((Duration.microseconds(Int64.min) - .microseconds(1)).microseconds == .min)
    }
}
