// SPDX-License-Identifier: Apache-2.0

package import CommandLine

/// A budget group's account as a person reads it.
package enum StatusTable {
    /// Most instances that are listed unless all are asked for.
    package static let mostInstances = 20

    package static func lines(_ report: StatusReport, all: Bool, paint: Paint) -> [String] {
        var lines = [paint.bold("client id \(report.clientID)")]
        if let hold = report.onHoldForSeconds {
            lines.append(paint.red("on hold: nothing is granted for another \(span(hold))"))
        }
        for budget in report.budgets { lines += [""] + self.budget(budget, paint) }
        return lines + [""] + instances(report, all: all)
    }

    private static func budget(_ budget: StatusReport.Budget, _ paint: Paint) -> [String] {
        var title =
            (budget.tenant.map { "tenant \($0)" } ?? "product")
            + ": \(NumberText.grouped(budget.outstanding)) outstanding"
        if budget.isLearning { title += ", learning from one call at a time" }
        var table = TextTable([
            ("limit", .left), ("capacity", .right), ("used", .right), ("share", .right), ("drift", .right),
            ("cushion", .right), ("", .left),
        ])
        for limit in budget.limits { table.add(cells(limit)) }
        return [title] + table.lines(indent: "  ")
    }

    private static func cells(_ limit: StatusReport.Limit) -> [String] {
        var notes: [String] = []
        if limit.configured == 0 {
            notes.append("learned")
        } else if limit.configured != limit.capacity {
            notes.append("learned, configured \(NumberText.grouped(limit.configured))")
        }
        if let paused = limit.pausedForSeconds { notes.append("paused for \(span(paused))") }
        if let reset = limit.resetsInSeconds { notes.append("resets in \(span(reset))") }
        let cushion = limit.margin.map { "\(NumberText.percent($0)) margin" } ?? number(limit.cushion ?? 0)
        return [
            limit.name, "\(NumberText.grouped(limit.capacity))/\(limit.window)",
            limit.isPaced ? "paced" : NumberText.grouped(limit.used),
            limit.isPaced ? "" : NumberText.percent(limit.share),
            limit.isPaced ? "" : NumberText.grouped(limit.drift), cushion, notes.joined(separator: ", "),
        ]
    }

    private static func instances(_ report: StatusReport, all: Bool) -> [String] {
        let count = NumberText.grouped(report.instanceCount)
        let title =
            "\(count) \(report.instanceCount == 1 ? "instance" : "instances"), \(report.wanting) waiting for permits"
        guard !report.instances.isEmpty else { return [title] }
        var table = TextTable([
            ("instance", .left), ("weight", .right), ("permits", .right), ("last renewed", .right), ("", .left),
        ])
        let shown = all ? report.instances : Array(report.instances.prefix(mostInstances))
        for instance in shown {
            table.add([
                instance.id, "\(instance.weight)", NumberText.grouped(instance.permits),
                "\(span(instance.sinceRenewalSeconds)) ago", instance.isWanting ? "waiting" : "",
            ])
        }
        let rest = report.instances.count - shown.count
        return [title] + table.lines(indent: "  ") + (rest > 0 ? ["  and \(rest) more; --all lists them"] : [])
    }

    private static func number(_ value: Double) -> String { value == 0 ? "0" : NumberText.plain(value) }

    private static func span(_ seconds: Double) -> String {
        NumberText.span(microseconds: Int64(min(seconds, 1e12) * 1e6))
    }
}
