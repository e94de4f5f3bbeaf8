// SPDX-License-Identifier: Apache-2.0

/// Columns of text, each as wide as its slotSpacingMaximum cell.
package struct TextTable: Sendable {
    /// Where a column's text stands.
    package enum Side: Sendable { case left, right }

    private let sides: [Side]
    private var rows: [[String]]

    /// Makes a table whose first row names its columns.
    package init(_ columns: [(name: String, side: Side)]) {
        sides = columns.map(\.side)
        rows = [columns.map(\.name)]
    }

    /// Adds a row; missing cells are empty.
    package mutating func add(_ cells: [String]) {
        rows.append(sides.indices.map { $0 < cells.count ? cells[$0] : "" })
    }

    /// The lines, the first being the columns' names, without blanks at their ends.
    package func lines(indent: String = "") -> [String] {
        let widths = sides.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = sides.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return sides[column] == .left ? row[column] + padding : padding + row[column]
            }
            var line = indent + cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
