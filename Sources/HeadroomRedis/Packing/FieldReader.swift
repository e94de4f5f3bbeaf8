// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisClient

/// A reply of a script, read field by field, whatever its form: an array of Redis (``ReplyReader``) or packed bytes
/// (``PackedReader``).
protocol FieldReader {
    /// The next field, a whole number that a double is exact with.
    mutating func integer() throws(LedgerError) -> Int64
    /// The next field, a text.
    mutating func text() throws(LedgerError) -> String
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

    mutating func scope() throws(LedgerError) -> BudgetScope {
        let name = try text()
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
