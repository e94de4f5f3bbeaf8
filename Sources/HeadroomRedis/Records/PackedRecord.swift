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

/// A record of the account as it is packed: which fields, in which order and form. Fields that are mostly zero or false
/// can be parts: a byte behind the others has a bit for each part that follows, and a part follows only if one of its
/// numbers is not zero.
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

    /// Fields that are left out if all are zero. A flag alone needs no more than its bit.
    struct Part: Sendable {
        let fields: [Field]

        init(_ fields: Field...) { self.fields = fields }

        fileprivate var isFlag: Bool { fields.count == 1 && fields[0].isFlag }
    }

    let name: String
    let fields: [Field]
    /// At most eight.
    let parts: [Part]

    init(_ name: String, _ fields: [Field], parts: [Part] = []) {
        (self.name, self.fields, self.parts) = (name, fields, parts)
    }

    /// Takes the record's fields from what Lua packed.
    ///
    /// - Parameter others: gets the fields that Swift's value has no property for.
    func unpack(
        _ reader: inout PackedReader, into value: inout Value, others: (String, Int64) -> Void = { _, _ in }
    ) throws(LedgerError) {
        func take(_ field: Field, _ number: Int64) {
            if let set = field.set { set(&value, number) } else { others(field.name, number) }
        }
        for field in fields { take(field, try reader.number(field.number)) }
        guard !parts.isEmpty else { return }
        let bits = try reader.number(.byte)
        for (place, part) in parts.enumerated() {
            let bit = bits >> Int64(place) & 1
            for field in part.fields {
                take(field, part.isFlag || bit == 0 ? bit : try reader.number(field.number))
            }
        }
    }

    /// Lua's `pack…(value)`, which returns a text, and `records.unpack…(value, packed, from)`, which fills in a table
    /// and returns where the next record begins.
    var lua: String {
        let form = "'<" + fields.map(\.number.form).joined() + (parts.isEmpty ? "'" : "B'")
        let packed = fields.map { $0.isFlag ? "value.\($0.name) and 1 or 0" : "value.\($0.name)" }
        let taken = fields.map { "value.\($0.name)" }
        let bits = parts.isEmpty ? [] : ["bits"]
        let flags = fields.filter(\.isFlag).map { "value.\($0.name) = value.\($0.name) == 1" }
        let packedParts = parts.enumerated().map { $1.luaPacking(bit: 1 << $0) }
        let takenParts = parts.enumerated().map { $1.luaUnpacking(bit: 1 << $0) }
        let packing =
            ["local function pack\(name)(value)"] + (parts.isEmpty ? [] : ["local bits, more = 0, ''"]) + packedParts
            + ["return pack(\(form), \((packed + bits).joined(separator: ", ")))" + (parts.isEmpty ? "" : " .. more")]
        let unpacking =
            [
                "function records.unpack\(name)(value, packed, from)",
                "local \((bits + ["next"]).joined(separator: ", "))",
            ]
            + ["\((taken + bits + ["next"]).joined(separator: ", ")) = read(\(form), packed, from)"]
            + flags + takenParts + ["return next"]
        return (packing + ["end"] + unpacking + ["end"]).joined(separator: "\n")
    }
}

extension PackedRecord.Part {
    private var form: String { "'<" + fields.map(\.number.form).joined() + "'" }
    private var values: String { fields.map { "value.\($0.name)" }.joined(separator: ", ") }

    /// Lua that adds the part's bit to `bits`, and what is packed of it to `more`.
    fileprivate func luaPacking(bit: Int) -> String {
        if isFlag { return "if \(values) then bits = bits + \(bit) end" }
        let isThere = fields.map { "value.\($0.name) ~= 0" }.joined(separator: " or ")
        return "if \(isThere) then bits, more = bits + \(bit), more .. pack(\(form), \(values)) end"
    }

    /// Lua that takes the part from where `next` is.
    fileprivate func luaUnpacking(bit: Int) -> String {
        if isFlag { return "\(values) = bits % \(2 * bit) >= \(bit)" }
        let zeros = fields.map { _ in "0" }.joined(separator: ", ")
        return """
            if bits % \(2 * bit) >= \(bit) then
            \(values), next = read(\(form), packed, next)
            else
            \(values) = \(zeros)
            end
            """
    }
}
