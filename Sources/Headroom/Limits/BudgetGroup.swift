// SPDX-License-Identifier: Apache-2.0

/// The budgets that one account keeps: the product's budget of one client id, and its tenants' budgets.
///
/// Two groups never touch each other. The name becomes part of every key in Redis.
package struct BudgetGroup: Sendable, Hashable, CustomStringConvertible {
    /// The group's name: 1 to 128 bytes of printable ASCII, no blank, no brace.
    package let name: String

    /// Makes a group. `nil` if the name is empty, longer than 128 bytes, or has other bytes than plain printable ASCII.
    package init?(_ name: String) {
        guard (1...128).contains(name.utf8.count), name.utf8.allSatisfy(isPlainASCII) else { return nil }
        self.name = name
    }

    /// For a name that is known to be valid.
    init(known name: String) { self.name = name }

    package var description: String { name }
}

extension BudgetGroup {
    /// Makes the group of a client id: the id itself if it may stand in a key, else a form of it that differs for
    /// different ids.
    ///
    /// Bytes other than plain printable ASCII, and `%`, become `%` and two hexadecimal digits. What is longer than 128
    /// bytes then is cut to 111, and `%%` and a hash of 15 digits follow. The empty id becomes `%`.
    package init(clientID: String) {
        var name = ""
        for byte in clientID.utf8 {
            if isPlainASCII(byte), byte != UInt8(ascii: "%") {
                name.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                name += "%" + Self.hexadecimal(UInt64(byte), digits: 2)
            }
        }
        if name.utf8.count > 128 { name = name.prefix(111) + "%%" + Self.hexadecimal(Self.hash(clientID), digits: 15) }
        self.init(known: name.isEmpty ? "%" : name)
    }

    private static func hexadecimal(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16, uppercase: true).suffix(digits)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// FNV-1a: the same in every process.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
