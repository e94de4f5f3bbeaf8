// SPDX-License-Identifier: Apache-2.0

/// The name of a tenant: one application at the vendor, such as `ab123`.
///
/// 1 to 128 bytes of printable ASCII without blanks and braces (braces would change where Redis Cluster keeps a key).
public struct Tenant: Sendable, Hashable, CustomStringConvertible {
    /// The tenant's name.
    public let name: String

    /// Makes a tenant. `nil` if the name is empty, longer than 128 bytes, or has other bytes than printable ASCII.
    public init?(_ name: String) {
        guard (1...128).contains(name.utf8.count), name.utf8.allSatisfy(isPlainASCII) else { return nil }
        self.name = name
    }

    public var description: String { name }

    /// Alphabetical order.
    package static func < (left: Tenant, right: Tenant) -> Bool { left.name < right.name }
}

/// Whether a byte may stand in a name that becomes part of a key: printable ASCII, no blank, no brace.
func isPlainASCII(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "{") && byte != UInt8(ascii: "}")
}
