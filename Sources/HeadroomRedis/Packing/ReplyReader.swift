// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisClient

/// Reads one array of a script's reply, element by element. Says what is wrong if the form is not the one agreed on.
struct ReplyReader: FieldReader {
    private var elements: ArraySlice<RedisValue>

    init(_ value: RedisValue) throws(LedgerError) {
        guard case .array(let elements) = value else { throw .malformed(value.shown, where: "an array") }
        self.elements = elements[...]
    }

    var isAtEnd: Bool { elements.isEmpty }

    mutating func value() throws(LedgerError) -> RedisValue {
        guard let first = elements.popFirst() else { throw .endsTooEarly }
        return first
    }

    mutating func integer() throws(LedgerError) -> Int64 {
        let value = try value()
        guard case .integer(let integer) = value, (-exactMaximum...exactMaximum).contains(integer) else {
            throw .malformed(value.shown, where: "an integer of at most 53 bits")
        }
        return integer
    }

    mutating func text() throws(LedgerError) -> String {
        let value = try value()
        guard case .bulk(let bytes) = value, let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(value.shown, where: "a text")
        }
        return text
    }

    mutating func bytes() throws(LedgerError) -> [UInt8] {
        let value = try value()
        guard case .bulk(let bytes) = value else { throw .malformed(value.shown, where: "packed bytes") }
        return bytes
    }

    mutating func list<Element>(
        _ each: (inout ReplyReader) throws(LedgerError) -> Element
    ) throws(LedgerError) -> [Element] {
        var reader = try ReplyReader(try value())
        var elements: [Element] = []
        while !reader.isAtEnd {
            var inner = try ReplyReader(try reader.value())
            elements.append(try each(&inner))
        }
        return elements
    }
}
