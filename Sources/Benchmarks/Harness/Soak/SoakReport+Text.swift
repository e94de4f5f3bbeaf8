// SPDX-License-Identifier: Apache-2.0

extension SoakReport {
    /// The report for people.
    package func lines(isColoured: Bool) -> [String] {
        [
            "\(Int(seconds)) s, \(workers) workers, seed \(seed)",
            "\(vendor.calls) calls at the vendor, \(vendor.refused) refused, \(unanswered) without an answer, "
                + "\(Self.percent(vendor.allowance)) of the allowance, longest gap \(Self.seconds(vendor.longestGap))",
            "",
        ] + faultLines(isColoured) + [""] + checkLines(isColoured)
    }

    private func faultLines(_ isColoured: Bool) -> [String] {
        var table = TextTable(["fault", "times", "longest", "429s", "longest gap"], isColoured: isColoured)
        for line in faults {
            table.add([
                .init(line.kind.rawValue), .init("\(line.count)"), .init(line.span > 0 ? Self.seconds(line.span) : "–"),
                .init("\(line.refused)"), .init(Self.seconds(line.longestGap)),
            ])
        }
        return table.lines
    }

    private func checkLines(_ isColoured: Bool) -> [String] {
        checks.map { check in
            let (word, colour) = check.holds ? ("ok", "32") : ("FAILED", "31")
            let mark = isColoured ? "\u{1B}[\(colour)m\(word)\u{1B}[0m" : word
            return "\(mark)  \(check.name)" + (check.seen.isEmpty ? "" : ": \(check.seen)")
        }
    }

    static func percent(_ share: Double) -> String { NumberText.fixed(100 * share, decimals: 2) + " %" }
    static func seconds(_ span: Double) -> String { NumberText.fixed(span, decimals: 1) + " s" }
}
