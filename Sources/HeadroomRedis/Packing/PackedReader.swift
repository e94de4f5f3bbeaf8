// SPDX-License-Identifier: Apache-2.0

import Headroom

/// Reads what a script has packed, as ``PackedRequest`` packs; says what is wrong where the form is not the one agreed
/// on.
struct PackedReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// How many entries of at least so many bytes may still follow: no count in a reply is larger.
    func maximumCount(ofEach size: Int) -> Int { (bytes.count - position) / size }

    mutating func integer() throws(LedgerError) -> Int64 {
        guard bytes.count - position >= 8 else { throw Self.malformed("it ends too early") }
        let pattern = bytes[position..<position + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        position += 8
        let number = Double(bitPattern: pattern)
        guard let integer = Int64(exactly: number), integer.magnitude <= 1 << 53 else {
            throw Self.malformed("it has \(number) where a whole number below 2^53 belongs")
        }
        return integer
    }

    mutating func natural(most: Int64 = 1 << 53) throws(LedgerError) -> Int64 {
        let integer = try integer()
        guard (0...most).contains(integer) else {
            throw Self.malformed("it has \(integer) where a number from 0 to \(most) belongs")
        }
        return integer
    }

    mutating func text() throws(LedgerError) -> String {
        guard let end = bytes[position...].firstIndex(of: 0) else { throw Self.malformed("a text in it has no end") }
        defer { position = end + 1 }
        guard let text = String(validating: bytes[position..<end], as: UTF8.self) else {
            throw Self.malformed("a text in it is no UTF-8")
        }
        return text
    }

    mutating func scope() throws(LedgerError) -> BudgetScope {
        let name = try text()
        if name.isEmpty { return .product }
        guard let tenant = Tenant(name) else {
            throw Self.malformed("'\(Self.beginning(of: name))' in it is no tenant")
        }
        return .tenant(tenant)
    }

    mutating func limitName() throws(LedgerError) -> LimitName { try Self.limitName(try text()) }

    static func limitName(_ text: String) throws(LedgerError) -> LimitName {
        guard let name = LimitName(text) else { throw malformed("'\(beginning(of: text))' in it is no limit's name") }
        return name
    }

    /// A few bytes: one character may have a million of them.
    private static func beginning(of text: String) -> String { String(decoding: text.utf8.prefix(64), as: UTF8.self) }

    static func malformed(_ what: String) -> LedgerError {
        LedgerError(.malformedReply, "a script's reply does not have the form agreed on: \(what)")
    }
}
