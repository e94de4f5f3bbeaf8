// SPDX-License-Identifier: Apache-2.0

package import CommandLine

extension SoakReport {
    /// The report for people.
    package func lines(paint: Paint = .none) -> [String] {
        [
            "\(Int(seconds)) s, \(workers) workers, seed \(seed)",
            "\(vendor.calls) calls at the vendor, \(vendor.rejected) rejected, \(unanswered) without an answer, "
                + "\(Self.percent(vendor.allowance)) of the allowance, longest gap \(Self.seconds(vendor.longestGap))",
            "",
        ] + faultLines(paint) + [""] + checkLines(paint)
    }

    private func faultLines(_ paint: Paint) -> [String] {
        var table = TextTable(["fault", "times", "longest", "429s", "longest gap"], paint: paint)
        for line in faults {
            table.add([
                line.kind.rawValue, "\(line.count)", line.span > 0 ? Self.seconds(line.span) : "–",
                "\(line.rejected)", Self.seconds(line.longestGap),
            ])
        }
        return table.lines()
    }

    private func checkLines(_ paint: Paint) -> [String] {
        checks.map { check in
            let mark = check.holds ? paint.green("ok") : paint.red("FAILED")
            return "\(mark)  \(check.name)" + (check.seen.isEmpty ? "" : ": \(check.seen)")
        }
    }

    static func percent(_ share: Double) -> String { NumberText.fixed(100 * share, decimals: 2) + " %" }
    static func seconds(_ span: Double) -> String { NumberText.fixed(span, decimals: 1) + " s" }
}
