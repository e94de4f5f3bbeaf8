// SPDX-License-Identifier: Apache-2.0

import Headroom

/// Reads one array of a script's reply, element by element; says what is wrong where the form is not the one agreed on.
struct ReplyReader {
    private var elements: ArraySlice<RedisValue>

    init(_ value: RedisValue) throws(LedgerError) {
        guard case .array(let elements) = value else { throw Self.malformed("an array", value) }
        self.elements = elements[...]
    }

    var isAtEnd: Bool { elements.isEmpty }

    mutating func value() throws(LedgerError) -> RedisValue {
        guard let first = elements.popFirst() else {
            throw LedgerError(.malformedReply, "a script's reply ends too early")
        }
        return first
    }

    /// The largest number that a script reckons exactly with: Lua's are doubles. Sums of a few of them fit, too.
    static let exactMaximum: Int64 = 1 << 53

    mutating func integer() throws(LedgerError) -> Int64 {
        let value = try value()
        guard case .integer(let integer) = value, (-Self.exactMaximum...Self.exactMaximum).contains(integer) else {
            throw Self.malformed("an integer of at most 53 bits", value)
        }
        return integer
    }

    mutating func natural(most: Int64 = exactMaximum) throws(LedgerError) -> Int64 {
        let integer = try integer()
        guard (0...most).contains(integer) else {
            throw Self.malformed("a number from 0 to \(most)", .integer(integer))
        }
        return integer
    }

    mutating func text() throws(LedgerError) -> String {
        let value = try value()
        guard case .bulk(let bytes) = value, let text = String(validating: bytes, as: UTF8.self) else {
            throw Self.malformed("a text", value)
        }
        return text
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

    mutating func scope() throws(LedgerError) -> BudgetScope {
        let name = try text()
        if name.isEmpty { return .product }
        guard let tenant = Tenant(name) else { throw Self.malformed("a tenant", .status(name)) }
        return .tenant(tenant)
    }

    mutating func limitName() throws(LedgerError) -> LimitName {
        let text = try text()
        guard let name = LimitName(text) else { throw Self.malformed("a limit's name", .status(text)) }
        return name
    }

    mutating func bytes() throws(LedgerError) -> [UInt8] {
        let value = try value()
        guard case .bulk(let bytes) = value else { throw Self.malformed("packed bytes", value) }
        return bytes
    }

    static func malformed(_ expected: String, _ value: RedisValue) -> LedgerError {
        LedgerError(.malformedReply, "a script's reply has \(text(of: value)) where \(expected) belongs")
    }

    // Short, whatever was sent.
    private static func text(of value: RedisValue) -> String {
        switch value {
        case .null: "nothing"
        case .integer(let integer): "\(integer)"
        case .status(let text), .error(let text): "'\(String(decoding: text.utf8.prefix(64), as: UTF8.self))'"
        case .bulk(let bytes): "'\(String(decoding: bytes.prefix(64), as: UTF8.self))'"
        case .array(let elements): "an array of \(elements.count)"
        }
    }
}
