// SPDX-License-Identifier: Apache-2.0

import Headroom

/// A piece of a reply: Lua's `pack…` has its fields as parameters, Swift reads them in the same order.
struct ReplyRecord<Value>: Sendable {
    enum Field: Sendable {
        case number(String, PackedNumber, @Sendable (inout Value, Int64) -> Void)
        case text(String, @Sendable (inout Value, String) -> Void)

        var name: String {
            switch self {
            case .number(let name, _, _), .text(let name, _): name
            }
        }
        var form: String {
            switch self {
            case .number(_, let number, _): number.form
            case .text: "s"
            }
        }
    }

    let name: String
    let fields: [Field]

    init(_ name: String, _ fields: [Field]) { (self.name, self.fields) = (name, fields) }

    func unpack(_ reader: inout PackedReader, into value: inout Value) throws(LedgerError) {
        for field in fields {
            switch field {
            case .number(_, let number, let set): set(&value, try reader.number(number))
            case .text(_, let set): set(&value, try reader.text())
            }
        }
    }

    /// Lua's `pack…`, which returns a text.
    var lua: String {
        let names = fields.map(\.name).joined(separator: ", ")
        return """
            local function pack\(name)(\(names))
            return pack('<\(fields.map(\.form).joined())', \(names))
            end
            """
    }
}

/// What an exchange's reply begins with.
struct PackedHead {
    var aliveFor: Int64 = 0
    var members: Int64 = 0
    var wants: Int64 = 0
    /// Whether the marks still name the limits in their order.
    var hasMarks = false
}

/// A grant; what is short follows, if something is, and the marks, each a ``ReplyRecords/mark``.
struct PackedGrant {
    var count: Int64 = 0
    var slot: Int64 = 0
    var spacing: Int64 = 0
    var cause: Int64 = 0
    /// How many limits of the product have a mark, and how many of the tenant.
    var productMarks: Int64 = 0
    var tenantMarks: Int64 = 0
}

struct PackedShortage {
    var retryIn: Int64 = 0
    var availableIn: Int64 = 0
    var scope = ""
    var name = ""
}

struct PackedGauge {
    var scope = ""
    var name = ""
    var kind: Int64 = 0
    var capacity: Int64 = 0
    var count: Int64 = 0
    var drift: Int64 = 0
    var cushion: Int64 = 0
    var pausedFor: Int64 = 0
    var resetsIn: Int64 = 0
}

enum ReplyRecords {
    static let head = ReplyRecord<PackedHead>(
        "ReplyHead",
        [
            .number("aliveFor", .span) { $0.aliveFor = $1 },
            .number("members", .count) { $0.members = $1 },
            .number("wants", .perMille) { $0.wants = $1 },
            .number("hasMarks", .byte) { $0.hasMarks = $1 == 1 },
        ])
    static let grant = ReplyRecord<PackedGrant>(
        "Granted",
        [
            .number("count", .count) { $0.count = $1 },
            .number("slot", .span) { $0.slot = $1 },
            .number("apart", .span) { $0.spacing = $1 },
            .number("cause", .byte) { $0.cause = $1 },
            .number("productMarks", .byte) { $0.productMarks = $1 },
            .number("tenantMarks", .byte) { $0.tenantMarks = $1 },
        ])
    static let shortage = ReplyRecord<PackedShortage>(
        "Shortage",
        [
            .number("retryIn", .time) { $0.retryIn = $1 },
            .number("availableIn", .time) { $0.availableIn = $1 },
            .text("scope") { $0.scope = $1 },
            .text("name") { $0.name = $1 },
        ])
    static let mark = PackedNumber.sum
    static let gauge = ReplyRecord<PackedGauge>(
        "Gauge",
        [
            .text("scope") { $0.scope = $1 },
            .text("name") { $0.name = $1 },
            .number("kind", .byte) { $0.kind = $1 },
            .number("capacity", .count) { $0.capacity = $1 },
            .number("count", .sum) { $0.count = $1 },
            .number("drift", .difference) { $0.drift = $1 },
            .number("cushion", .time) { $0.cushion = $1 },
            .number("pausedFor", .time) { $0.pausedFor = $1 },
            .number("resetsIn", .time) { $0.resetsIn = $1 },
        ])

    /// Lua's functions for all of them.
    static let lua = [head.lua, grant.lua, shortage.lua, gauge.lua].joined(separator: "\n")
}
