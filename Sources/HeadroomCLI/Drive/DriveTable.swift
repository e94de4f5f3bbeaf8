// SPDX-License-Identifier: Apache-2.0

package import CommandLine

/// The figures of a drive as a person reads them.
package enum DriveTable {
    /// Lines of a table: the sums, the limits, and the processes if there are several.
    package static func lines(_ result: DriveResult, paint: Paint) -> [String] {
        var lines = sums(result, paint: paint)
        if !result.limits.isEmpty { lines += [""] + limits(result.limits) }
        if result.processes.count > 1 { lines += [""] + processes(result.processes) }
        return lines
    }

    private static func sums(_ result: DriveResult, paint: Paint) -> [String] {
        let rejected = NumberText.grouped(result.rejected)
        let failed = NumberText.grouped(result.failed)
        var rows = [
            ("accepted", paint.bold(NumberText.grouped(result.accepted))),
            ("rejected (429)", result.rejected > 0 ? paint.red(rejected) : rejected),
            ("failed", result.failed > 0 ? paint.red(failed) : failed),
        ]
        if result.exhausted > 0 { rows.append(("ended exhausted", paint.yellow(NumberText.grouped(result.exhausted)))) }
        rows += [
            ("seconds", NumberText.plain(result.seconds)),
            ("accepted per minute", NumberText.grouped(Int(result.perMinute.rounded()))),
        ]
        if result.roundTrips > 0 {
            let acquire = result.acquireMilliseconds
            rows += [
                ("round trips", NumberText.grouped(result.roundTrips)),
                (
                    "wait for a permit",
                    "p50 \(NumberText.plain(acquire.p50)) ms, p99 \(NumberText.plain(acquire.p99)) ms, "
                        + "max \(NumberText.plain(acquire.max)) ms"
                ),
            ]
        }
        return rows.map { name, value in
            name + String(repeating: " ", count: 21 - name.count) + value
        }
    }

    private static func limits(_ limits: [LimitUse]) -> [String] {
        var table = TextTable([
            ("limit", .left), ("used", .right), ("capacity", .right), ("share", .right), ("", .left),
        ])
        for limit in limits {
            let paced = limit.pacedSeconds != nil
            let reset = limit.resetsInSeconds.map { "resets in \(NumberText.span(microseconds: Int64($0 * 1e6)))" }
            table.add([
                limit.title, paced ? "paced" : NumberText.grouped(limit.used),
                NumberText.grouped(limit.capacity) + (limit.window.map { "/\($0)" } ?? ""),
                paced ? "" : NumberText.percent(limit.share), reset ?? "",
            ])
        }
        return table.lines()
    }

    private static func processes(_ processes: [DriveResult.Process]) -> [String] {
        var table = TextTable([
            ("process", .right), ("pid", .right), ("accepted", .right), ("429", .right), ("failed", .right),
            ("", .left),
        ])
        for process in processes {
            table.add([
                "\(process.process)", "\(process.pid)", NumberText.grouped(process.accepted),
                NumberText.grouped(process.rejected), NumberText.grouped(process.failed), process.exit ?? "",
            ])
        }
        return table.lines()
    }
}
