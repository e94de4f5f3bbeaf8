// SPDX-License-Identifier: Apache-2.0

package import CommandLine
package import Headroom

/// Results of drives side by side: a column for each, a row for each figure.
package struct ComparisonTable: Sendable, Hashable {
    /// What a figure says about the result, for colours.
    package enum Tone: Sendable, Hashable { case plain, good, bad }

    /// A figure of one result.
    package struct Cell: Sendable, Hashable {
        package var text: String
        package var tone: Tone

        package init(text: String, tone: Tone = .plain) { (self.text, self.tone) = (text, tone) }
    }

    /// A figure of all results.
    package struct Row: Sendable, Hashable {
        package var name: String
        package var cells: [Cell]
    }

    package var title: String
    package var columns: [String]
    package var rows: [Row]

    /// Makes the table.
    ///
    /// - Parameters:
    ///   - title: what was driven; the plan's limits are added.
    ///   - plan: the plan whose allowance the accepted calls are measured by.
    package init(title: String, plan: Plan, results: [(name: String, result: DriveResult)]) {
        let allowed = Self.allowancePerSecond(plan)
        self.title = "\(title); plan \(plan.name): \(Self.limits(plan))"
        columns = results.map(\.name)
        let all = results.map(\.result)
        func row(_ name: String, _ cell: (DriveResult) -> Cell) -> Row { Row(name: name, cells: all.map(cell)) }
        rows = [
            row("seconds") { Cell(text: NumberText.grouped(Int($0.seconds.rounded()))) },
            row("calls accepted") { Cell(text: NumberText.grouped($0.accepted)) },
            row("calls rejected (429)") {
                Cell(text: NumberText.grouped($0.rejected), tone: $0.rejected > 0 ? .bad : .good)
            },
        ]
        if all.contains(where: { $0.failed > 0 }) {
            rows.append(
                row("calls failed otherwise") {
                    Cell(text: NumberText.grouped($0.failed), tone: $0.failed > 0 ? .bad : .plain)
                })
        }
        rows += [
            row("accepted calls a minute") { Cell(text: NumberText.grouped(Int($0.perMinute.rounded()))) },
            row("share of the allowance") { Cell(text: Self.share($0, of: allowed)) },
        ]
    }

    /// The table as a terminal shows it, below an empty line.
    package func lines(paint: Paint) -> [String] {
        let names = rows.map(\.name.count).max() ?? 0
        let widths = columns.indices.map { column in
            max(columns[column].count, rows.map { $0.cells[column].text.count }.max() ?? 0)
        }
        func line(_ name: String, _ cells: [(text: String, tone: Tone)]) -> String {
            let padded = zip(cells, widths).map { cell, width in
                String(repeating: " ", count: width - cell.text.count) + Self.painted(cell.text, cell.tone, paint)
            }
            let start = "  " + name + String(repeating: " ", count: names - name.count)
            return ([start] + padded).joined(separator: "    ")
        }
        return ["", paint.bold(title), line("", columns.map { ($0, .plain) })]
            + [line("", columns.map { (String(repeating: "-", count: $0.count), .plain) })]
            + rows.map { line($0.name, $0.cells.map { ($0.text, $0.tone) }) }
    }

    private static func painted(_ text: String, _ tone: Tone, _ paint: Paint) -> String {
        switch tone {
        case .plain: text
        case .good: paint.green(text)
        case .bad: paint.red(text)
        }
    }

    private static func share(_ result: DriveResult, of allowedPerSecond: Double) -> String {
        let perMille = (Double(result.accepted) / (allowedPerSecond * result.seconds) * 1_000).rounded()
        guard perMille.isFinite else { return "–" }
        return "\(Int(perMille) / 10).\(Int(perMille) % 10) %"
    }

    /// What the slowest of the short limits lets through. A day's limit is not among them: minutes may use more than
    /// their part of it.
    private static func allowancePerSecond(_ plan: Plan) -> Double {
        plan.productLimits.compactMap { limit in
            seconds(limit).map { Double(limit.capacity) / $0 }
        }.min() ?? .infinity
    }

    private static func limits(_ plan: Plan) -> String {
        plan.productLimits.filter { seconds($0) != nil }.map { limit in
            let unit =
                switch seconds(limit) {
                case 1: "second"
                case 60: "minute"
                default: NumberText.span(microseconds: Int64((seconds(limit) ?? 0) * 1e6))
                }
            return "\(NumberText.grouped(limit.capacity)) a \(unit)"
        }.joined(separator: ", ")
    }

    private static func seconds(_ limit: Limit) -> Double? {
        switch limit.window {
        case .rolling(let span), .paced(let span): span / .seconds(1)
        case .day: nil
        }
    }
}
