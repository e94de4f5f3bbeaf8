// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Testing

@Suite("Tables of text")
struct TextTableTests {
    @Test("Columns are as wide as their longest cell, stand on their side, and leave no blanks at the end of a line")
    func columns() {
        var table = TextTable([("limit", .left), ("used", .right), ("", .left)])
        table.add(["throttle", "1,500", "paused"])
        table.add(["day", "7"])
        table.add([""])
        #expect(
            table.lines(indent: "  ") == ["  limit      used", "  throttle  1,500  paused", "  day           7", ""])
    }

    @Test("Colours stand around the text of a cell, not around its padding; an empty cell has none")
    func colours() {
        var table = TextTable(["", "met"], paint: Paint(isOn: true))
        table.add([.init("a row"), .init("yes", .green)])
        table.add([.init("another"), .init("", .red)])
        #expect(
            table.lines() == [
                "         \u{1B}[1mmet\u{1B}[0m", "a row    \u{1B}[32myes\u{1B}[0m", "another",
            ])
    }
}
