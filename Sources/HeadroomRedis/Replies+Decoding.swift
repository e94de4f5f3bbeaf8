// SPDX-License-Identifier: Apache-2.0

import Headroom

extension JoinReply {
    init(decoding reply: RedisValue) throws(LedgerError) {
        var reader = try ReplyReader(reply)
        self.init(epoch: try reader.natural(), isNew: try reader.integer() == 1, aliveFor: try reader.natural())
    }
}

extension ExchangeReply {
    /// - Parameter wants: How many permits each want asked for: no grant may be larger.
    init(decoding reply: RedisValue, wants: [Int]) throws(LedgerError) {
        var reader = try ReplyReader(reply)
        guard try reader.integer() == 1 else {
            self = .unknownInstance
            return
        }
        let aliveFor = try reader.natural()
        let grants = try reader.list { reader throws(LedgerError) in try Grant(decoding: &reader) }
        let gauges = try reader.list { reader throws(LedgerError) in try LimitGauge(decoding: &reader) }
        guard grants.count == wants.count, zip(grants, wants).allSatisfy({ $0.count <= $1 }) else {
            throw LedgerError(.malformedReply, "a script granted \(grants.map(\.count)) where \(wants) was asked for")
        }
        self = .done(Exchange(aliveFor: aliveFor, grants: grants, gauges: gauges))
    }
}

extension Grant {
    fileprivate init(decoding reader: inout ReplyReader) throws(LedgerError) {
        let (count, slot, spacing) = (try reader.natural(), try reader.natural(), try reader.natural())
        let shortage = try Shortage.decode(&reader)
        var marks: [Mark] = []
        while !reader.isAtEnd { marks.append(Mark(limit: try reader.limit(), count: try reader.integer())) }
        guard let count = Int(exactly: count) else {
            throw ReplyReader.malformed("a number of permits", .integer(count))
        }
        self.init(count: count, slot: slot, spacing: spacing, marks: marks, shortage: shortage)
    }
}

extension Shortage {
    fileprivate static func decode(_ reader: inout ReplyReader) throws(LedgerError) -> Shortage? {
        let kind = try reader.integer()
        let (scope, name) = (try reader.scope(), try reader.text())
        let (retryIn, availableIn) = (try reader.natural(), try reader.natural())
        let cause: Cause
        switch kind {
        case 0: return nil
        case 1:
            guard let name = LimitName(name) else { throw ReplyReader.malformed("a limit's name", .status(name)) }
            cause = .limit(LimitReference(scope, name))
        case 2: cause = .learning
        case 3: cause = .held
        default: throw ReplyReader.malformed("a cause from 0 to 3", .integer(kind))
        }
        return Shortage(cause: cause, retryIn: retryIn, availableIn: availableIn)
    }
}

extension LimitGauge {
    fileprivate init(decoding reader: inout ReplyReader) throws(LedgerError) {
        self.init(
            limit: try reader.limit(), capacity: try reader.natural(), count: try reader.integer(),
            drift: try reader.integer(), cushion: try reader.natural(), heldFor: try reader.natural(),
            resetsIn: try reader.natural())
    }
}
