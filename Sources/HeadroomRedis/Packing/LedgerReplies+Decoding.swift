// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisClient

extension JoinReply {
    init(decoding reply: RedisValue) throws(LedgerError) {
        var reader = try ReplyReader(reply)
        // An epoch out of its range would make every later join invalid.
        self.init(
            epoch: try reader.natural(most: Rules.epochMaximum), isNew: try reader.integer() == 1,
            aliveFor: try reader.natural(most: Rules.day), missed: try reader.natural())
    }
}

extension ExchangeReply {
    /// - Parameter wants: What was asked for: no grant may be larger.
    init(decoding reply: RedisValue, wants: [Want]) throws(LedgerError) {
        var reader = try ReplyReader(reply)
        guard try reader.integer() == 1 else {
            self = .unknownInstance
            return
        }
        let passed = try reader.natural()
        self = .done(try Exchange(decoding: PackedReader(try reader.bytes()), wants: wants, passed: passed))
    }
}

extension Exchange {
    /// - Parameter passed: How long ago the ledger gave this reply for the first time. 0 if it does not repeat itself.
    fileprivate init(decoding packed: PackedReader, wants: [Want], passed: Int64) throws(LedgerError) {
        var packed = packed
        var head = PackedHead()
        try ReplyRecords.head.unpack(&packed, into: &head)
        guard head.aliveFor <= Rules.day else {
            throw .malformed("\(head.aliveFor)", where: "a number from 0 to \(Rules.day)")
        }
        guard head.wants == wants.count else {
            throw .malformed("another number of grants", where: "\(wants.count)")
        }
        var grants: [(grant: Grant, marks: PackedMarks)] = []
        for want in wants { grants.append(try Grant.decode(&packed, want: want, passed: passed)) }
        var counted: [LimitReference] = []
        var gauges: [LimitGauge] = []
        while !packed.isAtEnd {
            let (gauge, isPaced) = try LimitGauge.decode(&packed)
            gauges.append(gauge)
            if !isPaced { counted.append(gauge.limit) }
        }
        self.init(
            aliveFor: max(0, head.aliveFor - passed), members: max(1, head.members), grants: grants.map(\.grant),
            gauges: gauges)
        guard head.hasMarks else { return }
        for (index, want) in wants.enumerated() where self.grants[index].count > 0 {
            self.grants[index].marks = grants[index].marks.named(counted, tenant: want.tenant)
        }
    }
}

/// The ledger's own counts at a grant, of the product's limits and of the tenant's, in the order of their gauges.
private struct PackedMarks {
    var product: [Int64] = []
    var tenant: [Int64] = []

    func named(_ limits: [LimitReference], tenant name: Tenant?) -> [Mark] {
        var marks = zip(limits.filter { $0.scope == .product }, product).map { Mark(limit: $0, count: $1) }
        guard let name else { return marks }
        marks += zip(limits.filter { $0.scope == .tenant(name) }, tenant).map { Mark(limit: $0, count: $1) }
        return marks
    }
}

extension Grant {
    /// Nanoseconds: a paced limit has a slot in two seconds at the least, and four times that apart with the largest
    /// margin. A larger one would overflow in what is computed for each permit.
    private static let spacingMaximum: Int64 = 60_000_000_000

    fileprivate static func decode(
        _ packed: inout PackedReader, want: Want, passed: Int64
    ) throws(LedgerError) -> (Grant, PackedMarks) {
        var fields = PackedGrant()
        try ReplyRecords.grant.unpack(&packed, into: &fields)
        guard fields.count <= want.count else {
            throw .malformed("a grant of \(fields.count)", where: "one of at most \(want.count)")
        }
        guard fields.slot <= Rules.day, fields.spacing <= spacingMaximum else {
            throw .malformed("a slot in \(fields.slot), \(fields.spacing) apart", where: "one within a day")
        }
        let shortage = try Shortage.decode(&packed, cause: fields.cause)
        var marks = PackedMarks()
        for _ in 0..<fields.productMarks { marks.product.append(try packed.number(ReplyRecords.mark)) }
        for _ in 0..<fields.tenantMarks { marks.tenant.append(try packed.number(ReplyRecords.mark)) }
        let grant = Grant(
            count: Int(fields.count), slot: max(0, fields.slot - passed), spacing: fields.spacing, shortage: shortage)
        return (grant, marks)
    }
}

extension Shortage {
    fileprivate static func decode(
        _ packed: inout PackedReader, cause code: Int64
    ) throws(LedgerError) -> Shortage? {
        guard let code = ShortageCode(rawValue: code) else {
            throw .malformed("\(code)", where: "a cause from 0 to 3")
        }
        if code == .none { return nil }
        var fields = PackedShortage()
        try ReplyRecords.shortage.unpack(&packed, into: &fields)
        guard fields.retryIn <= exactMaximum, fields.availableIn <= exactMaximum else {
            throw .malformed("\(fields.retryIn) or \(fields.availableIn)", where: "a time")
        }
        let cause: Cause =
            switch code {
            case .none, .learning: .learning
            case .hold: .hold
            case .limit:
                .limit(LimitReference(try PackedReader.scope(fields.scope), try PackedReader.limitName(fields.name)))
            }
        return Shortage(cause: cause, retryIn: fields.retryIn, availableIn: fields.availableIn)
    }
}

extension LimitGauge {
    fileprivate static func decode(_ packed: inout PackedReader) throws(LedgerError) -> (
        gauge: LimitGauge, isPaced: Bool
    ) {
        var fields = PackedGauge()
        try ReplyRecords.gauge.unpack(&packed, into: &fields)
        guard max(fields.cushion, fields.pausedFor, fields.resetsIn) <= exactMaximum else {
            throw .malformed("a number of more than 53 bits", where: "a gauge")
        }
        let gauge = LimitGauge(
            limit: LimitReference(try PackedReader.scope(fields.scope), try PackedReader.limitName(fields.name)),
            capacity: fields.capacity, count: fields.count, drift: fields.drift, cushion: fields.cushion,
            pausedFor: .microseconds(fields.pausedFor), resetsIn: .microseconds(fields.resetsIn))
        return (gauge, fields.kind == LimitAccount.Kind.paced.rawValue)
    }
}
