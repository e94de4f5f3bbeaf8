// SPDX-License-Identifier: Apache-2.0

/// The name of a limit within its budget, such as `minute`.
///
/// The same names appear in the ledger's state, in the command line's `--limit NAME=…`, in errors and in events.
/// A name is 1 to 32 characters of `a`–`z`, `0`–`9` and `-`.
public struct LimitName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The name's text.
    public let text: String

    /// Makes a name, or nil where the text is not 1 to 32 characters of `a`–`z`, `0`–`9` and `-`.
    public init?(_ text: String) {
        let utf8 = text.utf8
        guard (1...32).contains(utf8.count), utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
    }

    /// For constants of this package, and for names that no plan or header can have.
    init(known text: String) { self.text = text }

    /// What a 429 is attributed to whose limit is not known.
    static let unknown = LimitName(known: "unknown")

    public var description: String { text }

    public static func < (left: LimitName, right: LimitName) -> Bool { left.text < right.text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
