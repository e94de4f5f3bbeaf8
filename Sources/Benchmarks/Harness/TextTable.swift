// SPDX-License-Identifier: Apache-2.0

/// Columns of text, each as wide as its slotSpacingMaximum cell. The first is left-aligned.
package struct TextTable: Sendable {
    /// A cell's text, and how it is painted.
    package struct Cell: Sendable {
        package var text: String
        package var colour: Colour?

        package init(_ text: String, _ colour: Colour? = nil) { (self.text, self.colour) = (text, colour) }
    }

    /// Colours of a terminal.
    package enum Colour: String, Sendable {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case bold = "1"
    }

    private var rows: [[Cell]]
    private let isColoured: Bool

    /// Makes a table whose first row names its columns.
    package init(_ columns: [String], isColoured: Bool) {
        rows = [columns.map { Cell($0, .bold) }]
        self.isColoured = isColoured
    }

    /// Adds a row; missing cells are empty.
    package mutating func add(_ cells: [Cell]) {
        rows.append(rows[0].indices.map { $0 < cells.count ? cells[$0] : Cell("") })
    }

    /// The lines, without blanks at their ends.
    package var lines: [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].text.count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.text.count)
                let isEnd = row[(column + 1)...].allSatisfy { $0.text.isEmpty }
                line +=
                    column == 0
                    ? paint(cell) + (isEnd ? "" : padding) : (cell.text.isEmpty && isEnd ? "" : padding) + paint(cell)
                if isEnd { break }
                line += "  "
            }
            return line
        }
    }

    private func paint(_ cell: Cell) -> String {
        guard isColoured, let colour = cell.colour, !cell.text.isEmpty else { return cell.text }
        return "\u{1B}[\(colour.rawValue)m\(cell.text)\u{1B}[0m"
    }
}
