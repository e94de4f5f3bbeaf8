// SPDX-License-Identifier: Apache-2.0

package import CommandLine

extension BenchmarkReport {
    /// The tables for people: all rows, and the fleet if there was one.
    package func lines(paint: Paint = .none) -> [String] {
        var table = TextTable(["", "measured", "baseline", "ratio", "target", "met"], paint: paint)
        for row in rows { table.add(Self.cells(row)) }
        var lines = table.lines()
        if !notes.isEmpty { lines += ["", "Notes"] + notes }
        if !fleet.isEmpty { lines += [""] + fleetLines(paint: paint) }
        let judged = rows.compactMap(\.isMet)
        if !judged.isEmpty { lines += ["", "\(judged.count { $0 }) of \(judged.count) targets met"] }
        return lines
    }

    /// What rows say of themselves; what several say stands once.
    private var notes: [String] {
        var seen: Set<String> = []
        return rows.compactMap { row in
            guard let note = row.note, seen.insert(note).inserted else { return nil }
            return "  \(row.title.drop { $0 == " " }): \(note)"
        }
    }

    /// What changed since an earlier run.
    package func lines(comparedWith before: BenchmarkReport, paint: Paint = .none) -> [String] {
        var table = TextTable(["", "before", "now", "change", ""], paint: paint)
        for comparison in Comparison.of(before.rows, rows) {
            let change: TextTable.Cell =
                switch comparison.change {
                case .noise: .init("")
                case .better: .init("better", .green)
                case .worse: .init("worse", .red)
                }
            table.add([
                .init(comparison.now.title), .init(Self.figure(comparison.before)), .init(Self.figure(comparison.now)),
                .init(comparison.growth.map(Self.growth) ?? "–"), change,
            ])
        }
        guard before.isQuick != isQuick else { return table.lines() }
        return table.lines() + ["Only one of the two was a quick run: they differ by more than noise."]
    }

    private static func figure(_ row: Row) -> String {
        row.ratio.map { NumberText.ratio($0.median) } ?? row.unit.text(row.measured.median)
    }

    private static func growth(_ growth: Double) -> String {
        (growth > 0 ? "+" : "") + NumberText.fixed(100 * growth, decimals: 1) + " %"
    }

    private static func cells(_ row: Row) -> [TextTable.Cell] {
        [
            .init(row.title), .init(row.unit.text(row.measured.median)),
            .init(row.baseline.map { row.unit.text($0.median) } ?? ""),
            .init(row.ratio.map { NumberText.ratio($0.median) } ?? ""), .init(target(of: row)), met(row),
        ]
    }

    private static func target(of row: Row) -> String {
        guard let target = row.target else { return "" }
        let bound = target.subject == .ratio ? NumberText.ratio(target.bound) : row.unit.text(target.bound)
        return (target.side == .atMost ? "≤ " : "≥ ") + bound
    }

    private static func met(_ row: Row) -> TextTable.Cell {
        switch row.isMet {
        case true?: .init("yes", .green)
        case false?: .init("NO", .red)
        case nil: .init("")
        }
    }

    private func fleetLines(paint: Paint) -> [String] {
        var table = TextTable(
            [
                "coordinators", "plan", "seconds", "calls/s", "Redis CPU", "Redis memory", "budget", "trips/call",
                "heartbeats/s", "exchange p50", "p99", "Jain", "calls each",
            ], paint: paint)
        for line in fleet {
            table.add(
                [
                    "\(line.coordinators)", line.plan, NumberText.plain(line.seconds), NumberText.plain(line.rate),
                    Unit.share.text(line.redisShare), Unit.bytes.text(line.redisMemory),
                    Unit.bytes.text(line.budgetMemory),
                    NumberText.plain(line.tripsPerCall),
                    NumberText.plain(Double(line.heartbeats) / max(line.seconds, 1)),
                    Unit.microseconds.text(line.exchangeMedian), Unit.microseconds.text(line.exchangeP99),
                    NumberText.fixed(line.fairness, decimals: 3), "\(line.fewest)–\(line.most)",
                ])
        }
        return table.lines()
    }
}
