// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Headroom
import HeadroomCLI
import KeapSimulator
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite("Tables of results")
struct ResultReportTests {
    private static let plain = Paint(isOn: false)

    private static func result(
        accepted: Int, rejected: Int, failed: Int = 0, seconds: Double = 60, roundTrips: Int64 = 0
    ) -> DriveResult {
        var state = FleetState(processIDs: [11])
        state.take(.done(FleetStateTests.report(accepted: accepted, rejected: rejected, seconds: seconds)), from: 0)
        state.end(.status(0), of: 0)
        var result = DriveResult(state)
        (result.failed, result.roundTrips) = (failed, roundTrips)
        return result
    }

    private static func table(failed: Int = 0) -> ComparisonTable {
        ComparisonTable(
            title: "6 processes", plan: .keapOAuth,
            results: [
                ("each for itself", result(accepted: 712, rejected: 12_345, seconds: 30)),
                ("with Headroom", result(accepted: 1_449, rejected: 0, failed: failed)),
            ])
    }

    @Test("Results stand side by side, measured by what the plan allows")
    func comparison() {
        #expect(
            Self.table().lines(paint: Self.plain) == [
                "",
                "6 processes; plan keap-oauth: 25 a second, 1,500 a minute",
                "                             each for itself    with Headroom",
                "                             ---------------    -------------",
                "  seconds                                 30               60",
                "  calls accepted                         712            1,449",
                "  calls rejected (429)                12,345                0",
                "  accepted calls a minute              1,424            1,449",
                "  share of the allowance              94.9 %           96.6 %",
            ])
    }

    @Test("A row for failed calls is there only if there were some; 429s and failures are red")
    func failures() {
        #expect(!Self.table().rows.contains { $0.name.contains("failed") })
        let row = Self.table(failed: 3).rows.first { $0.name.contains("failed") }
        #expect(row?.cells == [.init(text: "0"), .init(text: "3", tone: .bad)])
        let lines = Self.table().lines(paint: Paint(isOn: true))
        #expect(lines.contains { $0.contains("\u{1B}[31m12,345\u{1B}[0m") && $0.contains("\u{1B}[32m0\u{1B}[0m") })
    }

    @Test("A result without time has no share, and no crash")
    func noTime() {
        let table = ComparisonTable(
            title: "none", plan: .keapOAuth, results: [("x", Self.result(accepted: 0, rejected: 0, seconds: 0))])
        #expect(table.rows.last?.cells.map(\.text) == ["–"])
    }

    @Test("The picture is well-formed XML, with every cell of the table as its text")
    func picture() throws {
        var table = Self.table()
        table.columns[0] = "a < b & \"c\""
        let collector = TextCollector()
        let parser = XMLParser(data: Data(ComparisonPicture.svg(table, command: "Scripts/demo").utf8))
        parser.delegate = collector
        #expect(parser.parse())
        let texts = collector.texts
        for cell in table.columns + table.rows.flatMap({ [$0.name] + $0.cells.map(\.text) }) {
            #expect(texts.contains(cell), "\(cell)")
        }
        #expect(texts.contains("$ Scripts/demo"))
    }

    @Test("A line about a scenario has the share of 429s, the vendor's steady use, and round trips of a thousand calls")
    func scenario() throws {
        // A vendor's own report: 20 calls a second with 5 of strangers, over 155 seconds, so two whole minutes are
        // steady.
        let series = (0..<155).map {
            #"{"second": \#(1_000 + $0), "accepted": 20, "rejected": 1, "strangers": 5, "strangersRejected": 0}"#
        }.joined(separator: ",")
        var json = try JSONSerialization.jsonObject(with: SimulatorReport().json()) as? [String: Any] ?? [:]
        json["series"] = try JSONSerialization.jsonObject(with: Data("[\(series)]".utf8))
        json["limits"] = [
            "throttle": [
                "capacity": 1_500, "window": 60, "used": 0, "peak": 0, "peakCounted": 0, "share": 0,
                "shareOfCallers": 0,
            ]
        ]
        let report = try JSONDecoder().decode(
            SimulatorReport.self, from: JSONSerialization.data(withJSONObject: json))
        let vendor = try JSONDecoder().decode(VendorReport.self, from: report.json())
        #expect(vendor.steadyUse == 1)
        let line = ScenarioLine(
            name: "strangers-rolling", result: Self.result(accepted: 3_990, rejected: 10, roundTrips: 2_000),
            vendor: vendor)
        #expect(
            [ScenarioLine.heading, line.text] == [
                "scenario                seconds  accepted     429s    share   steady use     trips/1000",
                "strangers-rolling            60      3990       10   0.25 %      100.0 %            501",
            ])
    }

    @Test("Less than a whole minute is not steady")
    func tooShort() {
        let series = (0..<90).map { VendorReport.Sample(second: $0, accepted: 25, strangers: 0) }
        let limits = ["throttle": VendorReport.Limit(capacity: 1_500, window: 60)]
        #expect(VendorReport(series: series, limits: limits).steadyUse == nil)
    }
}

/// The texts of a picture.
private final class TextCollector: NSObject, XMLParserDelegate {
    private(set) var texts: [String] = []
    private var current: String?

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        if name == "text" { current = "" }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { current?.append(string) }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if let text = current { texts.append(text) }
        current = nil
    }
}
