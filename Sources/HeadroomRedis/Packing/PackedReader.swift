// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisClient

/// Reads what a script has packed, in the form of ``PackedRequest``. Says what is wrong if the form is not the one
/// agreed on.
struct PackedReader: FieldReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func integer() throws(LedgerError) -> Int64 {
        guard bytes.count - position >= 8 else { throw .endsTooEarly }
        let pattern = bytes[position..<position + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        position += 8
        let number = Double(bitPattern: pattern)
        guard let integer = Int64(exactly: number), integer.magnitude <= exactMaximum.magnitude else {
            throw .malformed("\(number)", where: "an integer of at most 53 bits")
        }
        return integer
    }

    mutating func text() throws(LedgerError) -> String {
        guard let end = bytes[position...].firstIndex(of: 0) else { throw .endsTooEarly }
        defer { position = end + 1 }
        let text = bytes[position..<end]
        guard let valid = String(validating: text, as: UTF8.self) else {
            throw .malformed(RedisValue.bulk(Array(text.prefix(64))).shown, where: "a text")
        }
        return valid
    }
}
