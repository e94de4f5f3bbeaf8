// SPDX-License-Identifier: Apache-2.0

package import Headroom

/// One `--limit`: a limit of the plan set anew, a further one, or one taken off.
///
/// `NAME=CAPACITY/WINDOW`, `NAME=CAPACITY` (the window is the plan's), `NAME=off`. A name that begins with `tenant-` is
/// a limit of each tenant: `tenant-throttle`. A limit named `spike` is paced, any other counts over its window.
package struct LimitRule: Sendable, Hashable {
    /// The setting of the limit.
    package enum Setting: Sendable, Hashable {
        case off
        /// A capacity, with the plan's window if none is given.
        case capacity(Int, Limit.Window?)
    }

    package let name: LimitName
    package let isTenants: Bool
    package let setting: Setting

    /// Reads a rule.
    ///
    /// - Throws: ``OptionError``, with the text, what is wrong in it, and what would be right.
    package init(_ text: String) throws(OptionError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw OptionError("limit '\(text)' has no '='; write NAME=CAPACITY/WINDOW, such as throttle=1500/60s")
        }
        isTenants = parts[0].hasPrefix("tenant-")
        let bare = isTenants ? parts[0].dropFirst("tenant-".count) : parts[0]
        guard let name = LimitName(String(bare)) else {
            throw OptionError(
                "limit '\(text)': the name '\(parts[0])' is not 1 to 32 of a-z, 0-9 and '-', such as throttle")
        }
        self.name = name
        setting = parts[1] == "off" ? .off : try Self.capacity(parts[1], name, of: text)
    }

    private static func capacity(
        _ value: Substring, _ name: LimitName, of text: String
    ) throws(OptionError) -> Setting {
        let parts = value.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let capacity = Int(parts[0]), (1...Limit.maximumCapacity).contains(capacity) else {
            throw OptionError(
                "limit '\(text)': the capacity '\(parts[0])' is no whole number of 1 to \(Limit.maximumCapacity), or 'off'"
            )
        }
        guard parts.count == 2 else { return .capacity(capacity, nil) }
        if parts[1] == "day" {
            guard name != .spike else { throw OptionError("limit '\(text)': a spike is paced over 60 s at most") }
            return .capacity(capacity, .day)
        }
        guard let span = SpanText.parse(parts[1]) else {
            throw OptionError(
                "limit '\(text)': the window '\(parts[1])' is not like 500ms, 60s, 1m, 1h, or 'day' (from 00:00 UTC)")
        }
        return .capacity(capacity, name == .spike ? .paced(span) : .rolling(span))
    }
}

/// What is wrong with an option's value, and what would be right.
package struct OptionError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
