// SPDX-License-Identifier: Apache-2.0

extension SoakReport {
    /// The most of the vendor's answers that may be 429s.
    private static let refusedMost = 0.01
    /// By which part of its capacity calls may go over a window, most of all just after Redis has forgotten.
    private static let overMost = 0.05

    /// Everything that must hold.
    var judged: [SoakCheck] {
        let most = Double(vendor.capacity) * (1 + Self.overMost)
        var checks = account.checks(underWay: workers * concurrency)
        checks += [
            SoakCheck(
                "no window of the vendor is over its limit",
                "at most \(vendor.most) of \(vendor.capacity), bound +\(Self.percent(Self.overMost))",
                Double(vendor.most) <= most),
            SoakCheck(
                "few calls are refused",
                "\(vendor.refused) of \(vendor.calls), \(Self.percent(vendor.refusedShare)), bound \(Self.percent(Self.refusedMost))",
                vendor.refusedShare <= Self.refusedMost),
            SoakCheck("Redis has few keys", "at most \(keys), bound \(keysMost)", keys <= keysMost),
            SoakCheck(
                "nothing went otherwise than planned", mishaps.isEmpty ? "" : mishaps.joined(separator: "; "),
                mishaps.isEmpty),
        ]
        return checks + [workerMemory?.check("the workers"), redisMemory?.check("Redis")].compactMap { $0 }
    }

    /// The group's own keys, and for each worker its record, one that is still to be given up, and a note that it told its past.
    private var keysMost: Int { 5 + 3 * workers }

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

    private static func percent(_ share: Double) -> String { NumberText.fixed(100 * share, decimals: 2) + " %" }
    private static func seconds(_ span: Double) -> String { NumberText.fixed(span, decimals: 1) + " s" }
}
