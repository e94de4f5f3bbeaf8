// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisClient

/// A reply of a script, read field by field, whatever its form: an array of Redis (``ReplyReader``) or packed bytes
/// (``PackedReader``).
protocol FieldReader {
    /// The next field, a whole number that a double is exact with.
    mutating func integer() throws(LedgerError) -> Int64
}

/// The largest number that a script computes exactly with: Lua's are doubles. Sums of a few of them fit, too.
let exactMaximum: Int64 = 1 << 53

extension FieldReader {
    mutating func natural(most: Int64 = exactMaximum) throws(LedgerError) -> Int64 {
        let integer = try integer()
        guard (0...most).contains(integer) else {
            throw .malformed("\(integer)", where: "a number from 0 to \(most)")
        }
        return integer
    }
}

extension LedgerError {
    static func malformed(_ found: String, where expected: String) -> LedgerError {
        LedgerError(.malformedReply, "a script's reply has \(found) where \(expected) belongs")
    }

    static var endsTooEarly: LedgerError { LedgerError(.malformedReply, "a script's reply ends too early") }
}

extension RedisValue {
    /// The value for an error's message: short, whatever was sent.
    var shown: String {
        switch self {
        case .null: "nothing"
        case .integer(let integer): "\(integer)"
        case .status(let text), .error(let text): Self.shown(text)
        case .bulk(let bytes): Self.shown(bytes)
        case .array(let elements): "an array of \(elements.count)"
        }
    }

    /// The beginning of a text: a few bytes, as one character may have a million of them.
    static func shown(_ text: String) -> String { shown(Array(text.utf8.prefix(64))) }

    private static func shown(_ bytes: [UInt8]) -> String { "'\(String(decoding: bytes.prefix(64), as: UTF8.self))'" }
}

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

    /// The next field, a number of a record's own length.
    mutating func number(_ number: PackedNumber) throws(LedgerError) -> Int64 {
        guard bytes.count - position >= number.length else { throw .endsTooEarly }
        var value: UInt64 = 0
        for place in stride(from: position + number.length - 1, through: position, by: -1) {
            value = value << 8 | UInt64(bytes[place])
        }
        position += number.length
        let unused = Int64(64 - 8 * number.length)
        let result = number.isSigned ? Int64(bitPattern: value << unused) >> unused : Int64(bitPattern: value)
        guard (-exactMaximum...exactMaximum).contains(result) else {
            throw .malformed("\(result)", where: "a number of at most 53 bits")
        }
        return result
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

extension PackedReader {
    mutating func scope() throws(LedgerError) -> BudgetScope { try Self.scope(try text()) }

    static func scope(_ name: String) throws(LedgerError) -> BudgetScope {
        if name.isEmpty { return .product }
        guard let tenant = Tenant(name) else { throw .malformed(RedisValue.shown(name), where: "a tenant") }
        return .tenant(tenant)
    }

    mutating func limitName() throws(LedgerError) -> LimitName { try Self.limitName(try text()) }

    static func limitName(_ text: String) throws(LedgerError) -> LimitName {
        guard let name = LimitName(text) else { throw .malformed(RedisValue.shown(text), where: "a limit's name") }
        return name
    }
}

/// Reads one array of a script's reply, element by element. Says what is wrong if the form is not the one agreed on.
struct ReplyReader: FieldReader {
    private var elements: ArraySlice<RedisValue>

    init(_ value: RedisValue) throws(LedgerError) {
        guard case .array(let elements) = value else { throw .malformed(value.shown, where: "an array") }
        self.elements = elements[...]
    }

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

    mutating func bytes() throws(LedgerError) -> [UInt8] {
        let value = try value()
        guard case .bulk(let bytes) = value else { throw .malformed(value.shown, where: "packed bytes") }
        return bytes
    }
}
