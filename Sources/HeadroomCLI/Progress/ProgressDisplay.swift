// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// The display on standard error of how far a drive is: a few lines rewritten in place on a terminal, else a line every
/// ten seconds.
struct ProgressDisplay {
    private let isTerminal = StandardError.isTerminal
    private let paint = Paint.of(terminal: StandardError.isTerminal)
    private let seconds: Double?
    private let wanted: Int?
    private var recent = RateMeter(span: 5)
    private var lastSecond = RateMeter(span: 1)
    private var linesShown = 0
    private var nextPlainLine = 10.0

    init(seconds: Double?, wanted: Int?) { (self.seconds, self.wanted) = (seconds, wanted) }

    /// Shows how things stand.
    mutating func show(_ state: FleetState, isStopping: Bool) {
        let snapshot = snapshot(state, isStopping)
        if isTerminal {
            draw(ProgressLines.live(snapshot, width: StandardError.width, paint: paint))
        } else if snapshot.elapsed >= nextPlainLine {
            while nextPlainLine <= snapshot.elapsed { nextPlainLine += 10 }
            StandardError.write(ProgressLines.plain(snapshot) + "\n")
        }
    }

    /// Writes a line that stays, above what is rewritten.
    mutating func note(_ line: String) {
        StandardError.write(erasing() + line + "\n")
    }

    /// Takes away what was rewritten.
    mutating func end() { StandardError.write(erasing()) }

    private mutating func draw(_ lines: [String]) {
        // In one write: nothing flickers.
        StandardError.write(erasing() + lines.map { $0 + "\n" }.joined())
        linesShown = lines.count
    }

    private mutating func erasing() -> String {
        defer { linesShown = 0 }
        return linesShown > 0 ? "\u{1B}[\(linesShown)A\r\u{1B}[J" : ""
    }

    private mutating func snapshot(_ state: FleetState, _ isStopping: Bool) -> ProgressSnapshot {
        var snapshot = ProgressSnapshot()
        (snapshot.elapsed, snapshot.seconds, snapshot.wanted) = (state.seconds, seconds, wanted)
        snapshot.tally = state.tally
        recent.record(snapshot.tally.accepted, at: snapshot.elapsed)
        lastSecond.record(snapshot.tally.accepted, at: snapshot.elapsed)
        snapshot.perMinute = recent.perSecond * 60
        snapshot.limits = state.limits.map { limit in
            limit.pacedSeconds.map { limit.used(Int64((lastSecond.perSecond * $0).rounded())) } ?? limit
        }
        (snapshot.processes, snapshot.isStopping) = (state.members.count, isStopping)
        snapshot.alive = state.members.count { $0.exit == nil }
        return snapshot
    }
}
