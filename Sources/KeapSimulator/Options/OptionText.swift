// SPDX-License-Identifier: Apache-2.0

/// The numbers and names of options as text. Every error says what was wrong and what is right.
enum OptionText {
    private static let units: [(name: String, length: Duration)] = [
        ("us", .microseconds(1)), ("ms", .milliseconds(1)), ("min", .seconds(60)), ("s", .seconds(1)),
        ("m", .seconds(60)), ("h", .seconds(3_600)), ("d", .seconds(86_400)),
    ]

    /// A span such as `20ms`, `1.5s`, `60s`, `1min`, `24h` or `1d`.
    static func duration(_ text: String) throws(SimulatorError) -> Duration {
        for unit in units where text.hasSuffix(unit.name) {
            guard let count = number(text.dropLast(unit.name.count)) else { break }
            return unit.length * count
        }
        throw SimulatorError("'\(text)' is not a duration; write it like 20ms, 1.5s, 1min, 24h or 1d")
    }

    /// A range of spans such as `200ms-500ms`.
    static func durationRange(_ text: String) throws(SimulatorError) -> ClosedRange<Duration> {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            throw SimulatorError("'\(text)' is not a range of durations; write it like 200ms-500ms")
        }
        let (low, high) = (try duration(parts[0]), try duration(parts[1]))
        guard low <= high else {
            throw SimulatorError("the range '\(text)' ends before it begins; write the shorter duration first")
        }
        return low...high
    }

    /// A share such as `0.2%` or `0.002`, from 0 to 1.
    static func share(_ text: String) throws(SimulatorError) -> Double {
        let value = text.hasSuffix("%") ? number(text.dropLast()).map { $0 / 100 } : number(text[...])
        guard let value, value <= 1 else {
            throw SimulatorError("'\(text)' is not a share; write it like 0.2% or 0.002, from 0 to 1")
        }
        return value
    }

    /// The two sides of `name=value`.
    static func pair(_ text: String, of option: String, like example: String) throws(SimulatorError) -> (String, String)
    {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw SimulatorError("\(option) '\(text)' has no value; write it like \(example)")
        }
        return (parts[0], parts[1])
    }

    /// A policy's name.
    static func policy(_ text: String) throws(SimulatorError) -> VendorConfiguration.Policy {
        guard let policy = VendorConfiguration.Policy(rawValue: text) else {
            let names = VendorConfiguration.Policy.allCases.map(\.rawValue).joined(separator: ", ")
            throw SimulatorError("there is no limit '\(text)'; limits are \(names)")
        }
        return policy
    }

    private static func number(_ text: Substring) -> Double? {
        guard text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(text), value < 1e12
        else { return nil }
        return value
    }
}
