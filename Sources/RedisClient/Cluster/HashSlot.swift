// SPDX-License-Identifier: Apache-2.0

/// A hash slot: one of the 16384 parts that a cluster's keys fall into, by the CRC16 of the key's hash tag.
struct HashSlot: Sendable, Hashable {
    let number: Int

    static let count = 16_384

    /// `nil` if there is no such slot.
    init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    /// The slot of a key: of its hash tag, which stands between the first `{` and the next `}`; of the whole key if
    /// there is no such tag, or an empty one.
    init(of key: String) {
        number = Int(Self.checksum(Self.tag(key.utf8[...]))) % Self.count
    }

    private static func tag(_ key: Substring.UTF8View) -> Substring.UTF8View {
        guard let opening = key.firstIndex(of: UInt8(ascii: "{")) else { return key }
        let behind = key[key.index(after: opening)...]
        guard let closing = behind.firstIndex(of: UInt8(ascii: "}")), closing > behind.startIndex else { return key }
        return behind[..<closing]
    }

    /// CRC-16/XMODEM: polynomial 0x1021, from 0, nothing reflected.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0) { checksum, byte in
            (0..<8).reduce(checksum ^ UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
        }
    }
}
