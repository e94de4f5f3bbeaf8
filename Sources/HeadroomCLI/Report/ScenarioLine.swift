// SPDX-License-Identifier: Apache-2.0

/// A line of `Scripts/measure`: how a drive went, by its own result and by the vendor's report.
package struct ScenarioLine: Sendable, Hashable {
    private static let columns = [
        ("scenario", 22), ("seconds", 8), ("accepted", 9), ("429s", 8), ("share", 8), ("steady use", 12),
        ("trips/1000", 14),
    ]

    /// The names of the columns.
    package static var heading: String { line(columns.map(\.0)) }

    /// The figures, below the names of their columns.
    package let text: String

    package init(name: String, result: DriveResult, vendor: VendorReport) {
        let answered = result.accepted + result.rejected
        let share = answered > 0 ? Double(result.rejected) / Double(answered) : 0
        let trips = result.accepted > 0 ? 1_000 * Double(result.roundTrips) / Double(result.accepted) : 0
        text = Self.line([
            name, "\(Int(result.seconds.rounded()))", "\(result.accepted)", "\(result.rejected)",
            Self.percent(share, decimals: 2), vendor.steadyUse.map { Self.percent($0, decimals: 1) } ?? "",
            "\(Int(trips.rounded()))",
        ])
    }

    private static func line(_ cells: [String]) -> String {
        zip(cells, columns).enumerated().map { index, pair in
            let padding = String(repeating: " ", count: max(0, pair.1.1 - pair.0.count))
            return index == 0 ? pair.0 + padding : padding + pair.0
        }.joined(separator: " ")
    }

    private static func percent(_ share: Double, decimals: Int) -> String {
        let factor = decimals == 1 ? 10 : 100
        let whole = Int((share * 100 * Double(factor)).rounded())
        let digits = String(whole % factor + factor).dropFirst()
        return "\(whole / factor).\(digits) %"
    }
}

/// What `Scripts/measure` reads of the vendor's report.
package struct VendorReport: Sendable, Hashable, Codable {
    /// One second with traffic.
    package struct Sample: Sendable, Hashable, Codable {
        package var second: Int
        package var accepted: Int
        package var strangers: Int

        package init(second: Int, accepted: Int, strangers: Int) {
            (self.second, self.accepted, self.strangers) = (second, accepted, strangers)
        }
    }

    /// A limit of the vendor's.
    package struct Limit: Sendable, Hashable, Codable {
        package var capacity: Int
        package var window: Double

        package init(capacity: Int, window: Double) { (self.capacity, self.window) = (capacity, window) }
    }

    package var series: [Sample]
    package var limits: [String: Limit]

    package init(series: [Sample], limits: [String: Limit]) { (self.series, self.limits) = (series, limits) }

    /// The share of the minute's limit that was used, strangers included, in whole minutes from the 30th second after
    /// the first call. `nil` if there is no whole minute, or no limit of a minute.
    package var steadyUse: Double? {
        guard let minute = limits["throttle"], minute.window == 60, minute.capacity > 0,
            let first = series.map(\.second).min(), let last = series.map(\.second).max()
        else { return nil }
        let begin = first + 30
        let minutes = (last - begin) / 60
        guard minutes >= 1 else { return nil }
        let calls = series.filter { (begin..<begin + 60 * minutes).contains($0.second) }
            .map { $0.accepted + $0.strangers }.reduce(0, +)
        return Double(calls) / Double(minute.capacity * minutes)
    }
}
