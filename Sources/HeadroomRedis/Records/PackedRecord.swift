// SPDX-License-Identifier: Apache-2.0

import Headroom

/// How a number is packed: whole and little-endian, with or without a sign, in so many bytes.
struct PackedNumber: Sendable {
    let isSigned: Bool
    let length: Int

    /// As Lua's `struct` writes it.
    var form: String { "\(isSigned ? "i" : "I")\(length)" }

    /// A moment in microseconds since 1970, or a span; 56 bits last for two thousand years.
    static let time = PackedNumber(isSigned: false, length: 7)
    /// A moment that may lie before 1970 if a clock begins there.
    static let signedTime = PackedNumber(isSigned: true, length: 7)
    /// A sum of calls.
    static let sum = PackedNumber(isSigned: false, length: 6)
    /// A difference of sums of calls.
    static let difference = PackedNumber(isSigned: true, length: 6)
    /// A span of a day at most, in microseconds or of a minute in nanoseconds.
    static let span = PackedNumber(isSigned: false, length: 5)
    /// The calls of a limit's capacity, and other numbers below 2^32.
    static let count = PackedNumber(isSigned: false, length: 4)
    static let smallCount = PackedNumber(isSigned: false, length: 3)
    static let perMille = PackedNumber(isSigned: false, length: 2)
    static let byte = PackedNumber(isSigned: false, length: 1)
}

/// A record of the account as it is packed: which fields, in which order and form.
///
/// It is declared once, in ``AccountRecords``. Lua's functions that pack and unpack the record are made of it, and
/// Swift unpacks it by the same.
struct PackedRecord<Value>: Sendable {
    /// One field: a property that both languages call by the same name.
    struct Field: Sendable {
        let name: String
        let number: PackedNumber
        let isFlag: Bool
        /// Puts the number into Swift's value. `nil` for what Lua alone needs.
        let set: (@Sendable (inout Value, Int64) -> Void)?

        static func number(
            _ name: String, _ number: PackedNumber, _ path: any WritableKeyPath<Value, Int64> & Sendable
        ) -> Field {
            Field(name: name, number: number, isFlag: false) { $0[keyPath: path] = $1 }
        }

        static func flag(_ name: String, _ path: any WritableKeyPath<Value, Bool> & Sendable) -> Field {
            Field(name: name, number: .byte, isFlag: true) { $0[keyPath: path] = $1 == 1 }
        }

        static func flag(_ name: String) -> Field { Field(name: name, number: .byte, isFlag: true, set: nil) }

        static func luaOnly(_ name: String, _ number: PackedNumber) -> Field {
            Field(name: name, number: number, isFlag: false, set: nil)
        }

        private init(
            name: String, number: PackedNumber, isFlag: Bool, set: (@Sendable (inout Value, Int64) -> Void)?
        ) {
            (self.name, self.number, self.isFlag, self.set) = (name, number, isFlag, set)
        }
    }

    let name: String
    let fields: [Field]

    init(_ name: String, _ fields: [Field]) { (self.name, self.fields) = (name, fields) }

    /// Takes the record's fields from what Lua packed.
    ///
    /// - Parameter others: gets the fields that Swift's value has no property for.
    func unpack(
        _ reader: inout PackedReader, into value: inout Value, others: (String, Int64) -> Void = { _, _ in }
    ) throws(LedgerError) {
        for field in fields {
            let number = try reader.number(field.number)
            if let set = field.set { set(&value, number) } else { others(field.name, number) }
        }
    }

    /// Lua's `pack…(value)`, which returns a text, and `records.unpack…(value, packed, from)`, which fills in a table
    /// and returns where the next record begins.
    var lua: String {
        let form = "'<" + fields.map(\.number.form).joined() + "'"
        let packed = fields.map { $0.isFlag ? "value.\($0.name) and 1 or 0" : "value.\($0.name)" }
        let taken = fields.map { "value.\($0.name)" }
        let flags = fields.filter(\.isFlag).map { "value.\($0.name) = value.\($0.name) == 1\n" }
        return """
            local function pack\(name)(value)
            return pack(\(form), \(packed.joined(separator: ", ")))
            end
            function records.unpack\(name)(value, packed, from)
            local next
            \(taken.joined(separator: ", ")), next = read(\(form), packed, from)
            \(flags.joined())return next
            end
            """
    }
}
