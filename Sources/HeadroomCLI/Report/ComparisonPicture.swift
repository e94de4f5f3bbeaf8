// SPDX-License-Identifier: Apache-2.0

/// A comparison as an SVG picture that looks like a terminal, light or dark as its reader has it.
package enum ComparisonPicture {
    private static let lineHeight = 26
    private static let margin = 24
    private static let characterWidth = 9
    private static let columnGap = 28

    /// The picture's text. Nothing is in it but what the table holds, and the command.
    package static func svg(_ table: ComparisonTable, command: String) -> String {
        let names = table.rows.map(\.name.count).max() ?? 0
        var edge = margin + 2 * characterWidth + names * characterWidth
        let edges = table.columns.indices.map { column in
            let longest = max(table.columns[column].count, table.rows.map { $0.cells[column].text.count }.max() ?? 0)
            edge += columnGap + longest * characterWidth
            return edge
        }
        let title = table.title.split(separator: ";", maxSplits: 1).map { $0.drop(while: { $0 == " " }) }
        var lines = ["<text x='\(margin)' y='\(baseline(0))' class='dim'>$ \(escaped(command))</text>"]
        for (row, part) in title.enumerated() {
            lines.append("<text x='\(margin)' y='\(baseline(row + 1))' class='bold'>\(escaped(part))</text>")
        }
        var row = title.count + 2
        lines += zip(table.columns, edges).map { right($0, at: $1, row: row, style: "dim") }
        let rule = baseline(row) + lineHeight / 3
        lines.append("<path d='M\(margin) \(rule)H\(edge)' class='rule'/>")
        for figures in table.rows {
            row += 1
            let weight = figures.cells.contains { $0.tone != .plain } ? "bold" : "plain"
            lines.append(
                "<text x='\(margin)' y='\(baseline(row))' class='\(weight)'>\(escaped(figures.name))</text>")
            lines += zip(figures.cells, edges).map { cell, edge in
                right(cell.text, at: edge, row: row, style: cell.tone == .plain ? weight : "\(weight) \(cell.tone)")
            }
        }
        let width = max(edge, margin + (title.map(\.count).max() ?? 0) * characterWidth) + margin
        let height = baseline(row) + margin
        return head(width, height, label: table.title) + lines.map { "  \($0)\n" }.joined() + "</svg>\n"
    }

    private static func baseline(_ row: Int) -> Int { margin + 16 + row * lineHeight }

    private static func right(_ text: String, at edge: Int, row: Int, style: String) -> String {
        "<text x='\(edge)' y='\(baseline(row))' class='end \(style)'>\(escaped(text))</text>"
    }

    private static func head(_ width: Int, _ height: Int, label: String) -> String {
        """
        <svg xmlns='http://www.w3.org/2000/svg' role='img' width='\(width)' height='\(height)' \
        viewBox='0 0 \(width) \(height)'>
          <title>\(escaped(label))</title>
          <style>
            text { font: 15px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace }
            text { fill: #1f2328 }
            .bold { font-weight: 600 } .dim { fill: #59636e } .good { fill: #1a7f37 } .bad { fill: #cf222e }
            .end { text-anchor: end } .rule { stroke: #d1d9e0 } .paper { fill: #f6f8fa; stroke: #d1d9e0 }
            @media (prefers-color-scheme: dark) {
              text { fill: #f0f6fc } .dim { fill: #9198a1 } .good { fill: #3fb950 } .bad { fill: #f85149 }
              .rule { stroke: #3d444d } .paper { fill: #151b23; stroke: #3d444d }
            }
          </style>
          <rect x='0.5' y='0.5' width='\(width - 1)' height='\(height - 1)' rx='8' class='paper'/>

        """
    }

    private static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
        return result
    }
}
