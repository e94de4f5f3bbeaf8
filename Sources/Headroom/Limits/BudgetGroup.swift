// SPDX-License-Identifier: Apache-2.0

/// All that is accounted together: the product's budget of one client id, and its tenants' budgets.
///
/// Two groups never touch each other. The name becomes part of every key in Redis.
public struct BudgetGroup: Sendable, Hashable, CustomStringConvertible {
    /// The group's name: 1 to 128 bytes of printable ASCII, no blank, no brace.
    public let name: String

    /// Makes a group, or nil where the name is empty, longer than 128 bytes, or has other bytes than plain printable
    /// ASCII.
    public init?(_ name: String) {
        guard (1...128).contains(name.utf8.count), name.utf8.allSatisfy(isPlainASCII) else { return nil }
        self.name = name
    }

    /// For a name that is known to be valid.
    init(known name: String) { self.name = name }

    public var description: String { name }
}
