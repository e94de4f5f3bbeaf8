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
        let (aliveFor, members) = (try packed.natural(most: Rules.day), max(1, try packed.natural()))
        guard try packed.natural() == wants.count else {
            throw .malformed("another number of grants", where: "\(wants.count)")
        }
        var grants: [Grant] = []
        for want in wants { grants.append(try Grant(decoding: &packed, want: want, passed: passed)) }
        var limits: [(gauge: LimitGauge, isPaced: Bool)] = []
        while !packed.isAtEnd { limits.append(try LimitGauge.decode(&packed)) }
        self.init(aliveFor: max(0, aliveFor - passed), members: members, grants: grants, gauges: limits.map(\.gauge))
        addMarks(wants, limits)
    }

    /// Adds the ledger's own count at each grant: the count in the end, less what was granted since.
    private mutating func addMarks(_ wants: [Want], _ limits: [(gauge: LimitGauge, isPaced: Bool)]) {
        let counted = limits.filter { !$0.isPaced }.map(\.gauge)
        var since = Array(repeating: Int64(0), count: counted.count)
        for index in grants.indices.reversed() where grants[index].count > 0 {
            for (place, gauge) in counted.enumerated() where wants[index].draws(on: gauge.limit.scope) {
                since[place] += Int64(grants[index].count)
                grants[index].marks.append(Mark(limit: gauge.limit, count: gauge.count - since[place]))
            }
        }
    }
}

extension Want {
    fileprivate func draws(on scope: BudgetScope) -> Bool {
        switch scope {
        case .product: true
        case .tenant(let other): other == tenant
        }
    }
}

extension Grant {
    /// Nanoseconds: a paced limit has a slot in two seconds at the least, and four times that apart with the largest
    /// margin. A larger one would overflow in what is computed for each permit.
    private static let spacingMaximum: Int64 = 60_000_000_000

    fileprivate init(decoding packed: inout PackedReader, want: Want, passed: Int64) throws(LedgerError) {
        let (count, slot) = (try packed.natural(), try packed.natural(most: Rules.day))
        let spacing = try packed.natural(most: Self.spacingMaximum)
        guard count <= want.count else {
            throw .malformed("a grant of \(count)", where: "one of at most \(want.count)")
        }
        self.init(
            count: Int(count), slot: max(0, slot - passed), spacing: spacing,
            shortage: try Shortage.decode(&packed))
    }
}

extension Shortage {
    fileprivate static func decode(_ packed: inout PackedReader) throws(LedgerError) -> Shortage? {
        let (kind, retryIn, availableIn) = (try packed.integer(), try packed.natural(), try packed.natural())
        let (scope, name) = (try packed.scope(), try packed.text())
        let cause: Cause
        switch kind {
        case 0: return nil
        case 1: cause = .limit(LimitReference(scope, try PackedReader.limitName(name)))
        case 2: cause = .learning
        case 3: cause = .hold
        default: throw .malformed("\(kind)", where: "a cause from 0 to 3")
        }
        return Shortage(cause: cause, retryIn: retryIn, availableIn: availableIn)
    }
}

extension LimitGauge {
    fileprivate static func decode(_ packed: inout PackedReader) throws(LedgerError) -> (
        gauge: LimitGauge, isPaced: Bool
    ) {
        let limit = LimitReference(try packed.scope(), try packed.limitName())
        let kind = try packed.integer()
        let gauge = LimitGauge(
            limit: limit, capacity: try packed.natural(), count: try packed.integer(), drift: try packed.integer(),
            cushion: try packed.natural(), pausedFor: .microseconds(try packed.natural()),
            resetsIn: .microseconds(try packed.natural()))
        return (gauge, kind == LimitAccount.Kind.paced.rawValue)
    }
}

extension LedgerStatus {
    static func decode(_ reply: RedisValue) throws(LedgerError) -> LedgerStatus? {
        var reader = try ReplyReader(reply)
        guard try reader.integer() == 1 else { return nil }
        return LedgerStatus(
            epoch: try reader.natural(), now: try reader.natural(), holdFor: .microseconds(try reader.natural()),
            demand: try reader.integer(),
            instances: try reader.list { reader throws(LedgerError) in try InstanceStatus(decoding: &reader) }
                .sorted { $0.id < $1.id },
            budgets: try reader.list { reader throws(LedgerError) in try BudgetStatus(decoding: &reader) })
    }
}

extension LedgerStatus.InstanceStatus {
    fileprivate init(decoding reader: inout ReplyReader) throws(LedgerError) {
        let text = try reader.text()
        guard let id = InstanceID(text) else { throw .malformed(RedisValue.shown(text), where: "an instance's id") }
        self.init(
            id: id, weight: try reader.natural(), permits: try reader.natural(),
            sinceRenewal: .microseconds(try reader.integer()),
            isWanting: try reader.integer() == 1)
    }
}

extension LedgerStatus.BudgetStatus {
    fileprivate init(decoding reader: inout ReplyReader) throws(LedgerError) {
        self.init(
            scope: try reader.scope(), outstanding: try reader.integer(), isLearning: try reader.integer() == 1,
            limits: try reader.list { reader throws(LedgerError) in try LedgerStatus.LimitStatus(decoding: &reader) })
    }
}

extension LedgerStatus.LimitStatus {
    fileprivate init(decoding reader: inout ReplyReader) throws(LedgerError) {
        let (name, kind, span) = (try reader.limitName(), try reader.integer(), try reader.natural())
        let window: Limit.Window
        switch LimitAccount.Kind(rawValue: kind) {
        case .rolling: window = .rolling(.microseconds(span))
        case .day: window = .day
        case .paced: window = .paced(.microseconds(span))
        case nil: throw .malformed("\(kind)", where: "a kind of limit from 1 to 3")
        }
        self.init(
            name: name, window: window, configured: try reader.natural(), capacity: try reader.natural(),
            spent: try reader.integer(), drift: try reader.integer(), cushion: try reader.natural(),
            pausedFor: .microseconds(try reader.natural()), pauses: try reader.natural(),
            resetsIn: .microseconds(try reader.natural()), slotIn: .microseconds(try reader.natural()),
            candidate: try reader.natural())
    }
}
