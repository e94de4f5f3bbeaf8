// SPDX-License-Identifier: Apache-2.0

/// The id of an instance: one coordinator in one process. Never used twice.
package struct InstanceID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// 1 to 128 bytes of printable ASCII, no blank, no brace.
    package let text: String

    /// Makes an id from a text. `nil` if the text is empty, longer than 128 bytes, or has other bytes than plain
    /// printable ASCII.
    package init?(_ text: String) {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy(isPlainASCII) else { return nil }
        self.text = text
    }

    /// Makes a new id of 16 random characters.
    package init(using generator: inout some RandomNumberGenerator) {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        text = String((0..<16).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
    }

    package var description: String { text }

    package static func < (left: InstanceID, right: InstanceID) -> Bool { left.text < right.text }
}
