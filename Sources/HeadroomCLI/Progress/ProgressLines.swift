// SPDX-License-Identifier: Apache-2.0

package import CommandLine

/// The text that shows how far a drive is.
package enum ProgressLines {
    /// Most limits that have a bar; the fullest are shown.
    package static let mostBars = 8

    /// Lines that are written over each other on a terminal, none longer than it is wide.
    package static func live(_ snapshot: ProgressSnapshot, width: Int, paint: Paint) -> [String] {
        var lines = [fitted(position(snapshot), width), painted(counts(snapshot), width, paint)]
        let shown = snapshot.limits.sorted { $0.share > $1.share }.prefix(mostBars).map(\.title)
        let limits = snapshot.limits.filter { shown.contains($0.title) }
        let longest = limits.map(\.title.count).max() ?? 0
        for limit in limits { lines.append(bar(limit, name: min(longest, 24), width: width, paint: paint)) }
        return lines
    }

    /// One line for a log.
    package static func plain(_ snapshot: ProgressSnapshot) -> String {
        let limits = snapshot.limits.map { ", \($0.title) \(NumberText.percent($0.share))" }.joined()
        let counts = counts(snapshot).map(\.text).joined(separator: ", ")
        return "\(position(snapshot))  \(counts)\(limits)"
    }

    private static func position(_ snapshot: ProgressSnapshot) -> String {
        var text = NumberText.clock(seconds: snapshot.elapsed)
        if let seconds = snapshot.seconds { text += " of \(NumberText.clock(seconds: seconds))" }
        if let wanted = snapshot.wanted {
            text += "  \(NumberText.grouped(snapshot.tally.calls)) of \(NumberText.grouped(wanted)) calls"
            if let left = timeLeft(snapshot, wanted) { text += ", about \(NumberText.clock(seconds: left)) left" }
        }
        if snapshot.processes > 1 {
            text +=
                "  \(snapshot.alive < snapshot.processes ? "\(snapshot.alive) of " : "")\(snapshot.processes) processes"
        }
        return text + (snapshot.isStopping ? "  ending" : "")
    }

    private static func timeLeft(_ snapshot: ProgressSnapshot, _ wanted: Int) -> Double? {
        guard snapshot.perMinute > 0, wanted > snapshot.tally.calls else { return nil }
        return Double(wanted - snapshot.tally.calls) / snapshot.perMinute * 60
    }

    /// Pieces of a line, and whether each is about trouble.
    private static func counts(_ snapshot: ProgressSnapshot) -> [(text: String, isTrouble: Bool)] {
        let tally = snapshot.tally
        var pieces = [
            ("\(NumberText.grouped(Int(snapshot.perMinute.rounded())))/min now", false),
            ("\(NumberText.grouped(tally.accepted)) accepted", false),
            ("\(NumberText.grouped(tally.rejected)) 429s", tally.rejected > 0),
        ]
        if tally.failed > 0 { pieces.append(("\(NumberText.grouped(tally.failed)) failed", true)) }
        if tally.exhausted > 0 { pieces.append(("\(NumberText.grouped(tally.exhausted)) ended exhausted", true)) }
        return pieces
    }

    private static func painted(_ pieces: [(text: String, isTrouble: Bool)], _ width: Int, _ paint: Paint) -> String {
        let plain = pieces.map(\.text).joined(separator: ", ")
        guard plain.count < width else { return fitted(plain, width) }
        return pieces.map { $0.isTrouble ? paint.red($0.text) : $0.text }.joined(separator: ", ")
    }

    /// `throttle  ██████░░░░  52 %  780 of 1,500/60s`
    private static func bar(_ limit: LimitUse, name: Int, width: Int, paint: Paint) -> String {
        let title = String(limit.title.prefix(name))
        let head = title + String(repeating: " ", count: name - title.count) + "  "
        let share = NumberText.percent(limit.share)
        var tail = "  " + String(repeating: " ", count: max(0, 5 - share.count)) + share
        tail += "  \(NumberText.grouped(limit.used)) of \(NumberText.grouped(limit.capacity))"
        tail += limit.window.map { "/\($0)" } ?? ""
        if let paused = limit.pausedForSeconds { tail += ", paused for \(NumberText.plain(paused)) s" }
        let cells = min(30, width - head.count - tail.count - 1)
        guard cells >= 5 else { return fitted(head + tail, width) }
        let full = min(cells, max(0, Int((limit.share * Double(cells)).rounded())))
        let filled = String(repeating: "█", count: full)
        // A paced limit that is full is as it should be.
        let isNearlyFull = limit.share >= 0.95 && limit.pacedSeconds == nil
        return head + (isNearlyFull ? paint.yellow(filled) : paint.green(filled))
            + paint.dim(String(repeating: "░", count: cells - full)) + tail
    }

    private static func fitted(_ text: String, _ width: Int) -> String {
        // The last column stays free: some terminals wrap as soon as it is written.
        String(text.prefix(max(1, width - 1)))
    }
}
