// SPDX-License-Identifier: Apache-2.0

/// A header's value that holds one part for each window of a limit, separated by pipes: `10000|250000`.
extension UnsafeBufferPointer<UInt8> {
    private static var pipe: UInt8 { UInt8(ascii: "|") }

    /// Whether nothing is said: blanks, tabs and pipes only.
    var isVoid: Bool { allSatisfy { Self.isBlank($0) || $0 == Self.pipe } }

    /// How many parts there are: one more than pipes.
    var partCount: Int { reduce(1) { $1 == Self.pipe ? $0 &+ 1 : $0 } }

    /// The part at a position, counted from 0, without blanks around it; empty where there is none.
    func part(_ position: Int) -> Bytes {
        var (start, skipped) = (0, 0)
        while skipped < position, start < count {
            if self[start] == Self.pipe { skipped += 1 }
            start += 1
        }
        var end = start
        while end < count, self[end] != Self.pipe { end += 1 }
        return piece(start, end).trimmed
    }
}
