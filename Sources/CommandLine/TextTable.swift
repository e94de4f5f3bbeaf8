// SPDX-License-Identifier: Apache-2.0

/// A table of text whose columns are each as wide as their longest cell.
package struct TextTable: Sendable {
    /// The side of its column that a text stands on.
    package enum Side: Sendable { case left, right }

    /// A cell's text, and how it is painted.
    package struct Cell: Sendable {
        package var text: String
        package var style: Paint.Style?

        package init(_ text: String, _ style: Paint.Style? = nil) { (self.text, self.style) = (text, style) }
    }

    private let sides: [Side]
    private let paint: Paint
    private var rows: [[Cell]]

    /// Makes a table whose first row names its columns, in bold.
    package init(_ columns: [(name: String, side: Side)], paint: Paint = .none) {
        sides = columns.map(\.side)
        rows = [columns.map { Cell($0.name, .bold) }]
        self.paint = paint
    }

    /// Makes a table of a column of names, on the left, and columns of figures, on the right.
    package init(_ columns: [String], paint: Paint = .none) {
        self.init(columns.enumerated().map { (name: $1, side: $0 == 0 ? .left : .right) }, paint: paint)
    }

    /// Adds a row. Missing cells are empty.
    package mutating func add(_ cells: [Cell]) {
        rows.append(sides.indices.map { $0 < cells.count ? cells[$0] : Cell("") })
    }

    /// Adds a row of texts that are not painted. Missing cells are empty.
    package mutating func add(_ texts: [String]) { add(texts.map { Cell($0) }) }

    /// The lines, the first being the columns' names, without blanks at their ends.
    package func lines(indent: String = "") -> [String] {
        let widths = sides.indices.map { column in rows.map { $0[column].text.count }.max() ?? 0 }
        return rows.map { row in
            guard let last = row.lastIndex(where: { !$0.text.isEmpty }) else { return "" }
            return indent
                + (0...last).map { column in
                    let cell = row[column]
                    let padding = String(repeating: " ", count: widths[column] - cell.text.count)
                    guard sides[column] == .left else { return padding + painted(cell) }
                    return painted(cell) + (column == last ? "" : padding)
                }.joined(separator: "  ")
        }
    }

    private func painted(_ cell: Cell) -> String {
        guard let style = cell.style, !cell.text.isEmpty else { return cell.text }
        return paint(cell.text, style)
    }
}
