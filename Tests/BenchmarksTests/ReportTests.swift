// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import CommandLine
import Foundation
import Testing

@Suite("Results")
struct ReportTests {
    @Test("A target is met on its side of the bound, the bound included")
    func targets() {
        #expect(Self.row(ratio: 1.3, target: .ratio(atMost: 1.3)).isMet == true)
        #expect(Self.row(ratio: 1.31, target: .ratio(atMost: 1.3)).isMet == false)
        #expect(Self.row(measured: 4, target: .measured(atLeast: 4)).isMet == true)
        #expect(Self.row(measured: 3.9, target: .measured(atLeast: 4)).isMet == false)
        #expect(Self.row(measured: 4).isMet == nil)
    }

    @Test("A target of a ratio is missed where no ratio was measured")
    func missingRatio() {
        #expect(Self.row(measured: 1, target: .ratio(atMost: 2)).isMet == false)
    }

    @Test("What is written is read again as it was")
    func roundTrip() throws {
        let report = Self.report
        #expect(try BenchmarkReport(json: report.json()) == report)
    }

    @Test("Reading what is no result, or a result of another version, fails")
    func otherFiles() throws {
        #expect(throws: ReportError.self) { try BenchmarkReport(json: Data("[]".utf8)) }
        #expect(throws: ReportError.self) { try BenchmarkReport(json: Data(#"{"version": 1}"#.utf8)) }
        let text = String(decoding: try Self.report.json(), as: UTF8.self)
        let newer = text.replacingOccurrences(of: #""version" : 1"#, with: #""version" : 2"#)
        #expect(newer != text)
        let error = #expect(throws: ReportError.self) { try BenchmarkReport(json: Data(newer.utf8)) }
        #expect(error?.description == "version 2 of a result; this program reads 1")
    }

    @Test("The table shows each row with its ratio, its target and whether it is met; the same note stands once")
    func table() {
        #expect(
            Self.report.lines() == [
                "         measured  baseline   ratio    target  met",
                "a pair     262 ns   20.0 ns  13.1 ×  ≤ 250 ns   NO",
                "  share   99.90 %",
                "rest       0.10 %",
                "",
                "Notes",
                "  share: scaled",
                "",
                "coordinators  plan  seconds  calls/s  Redis CPU  Redis memory  budget  trips/call  heartbeats/s"
                    + "  exchange p50      p99   Jain  calls each",
                "2             keap     10.0     4.00     5.00 %      2.00 KiB  1000 B        1.10          0.40"
                    + "       3.00 µs  9.00 µs  1.000       20–20",
                "",
                "0 of 1 targets met",
            ])
    }

    @Test("Colours stand around whole cells, and change no width")
    func colours() {
        let lines = Self.report.lines(paint: Paint(isOn: true))
        #expect(lines[1].hasSuffix("  \u{1B}[31mNO\u{1B}[0m"))
        let plain = lines.map { $0.replacing(/\u{1B}\[[0-9]+m/, with: "") }
        #expect(plain == Self.report.lines())
    }

    static func row(_ id: String = "x", measured: Double = 1, ratio: Double? = nil, target: Target? = nil) -> Row {
        Row(id, id, Spread(measured), .count, ratio: ratio.map { Spread($0) }, target: target)
    }

    private static var report: BenchmarkReport {
        var pairs = Pairs()
        pairs.add(baseline: 20, subject: 262)
        let line = FleetLine(
            plan: "keap", coordinators: 2, seconds: 10, calls: [20, 20], redisShare: 0.05, redisMemory: 2048,
            budgetMemory: 1000, tripsPerCall: 1.1, heartbeats: 4, exchanges: Samples([1, 3, 9]))
        return BenchmarkReport(
            date: "2026-11-24T12:00:00Z", machine: "test", isQuick: true,
            rows: [
                Row("pair", "a pair", pairs, .nanoseconds, target: .measured(atMost: 250)),
                Row("share", "  share", Spread(0.999), .share, note: "scaled"),
                Row("rest", "rest", Spread(0.001), .share, note: "scaled"),
            ],
            fleet: [line])
    }
}
