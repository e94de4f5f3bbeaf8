// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisClient

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
