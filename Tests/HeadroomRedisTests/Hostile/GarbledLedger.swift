// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport
import HeadroomTesting
import RedisClient

@testable import HeadroomRedis

/// Answers with changed replies of a real Redis, of those that the decoder lets through; or passes on to a real ledger.
final class GarbledLedger: LedgerStore {
    private let replies: RecordedReplies
    private let ledger: any LedgerStore
    private let change: @Sendable (RedisValue) -> RedisValue
    private let state = Mutex((isGarbling: true, count: 0))

    init(
        _ replies: RecordedReplies, _ ledger: any LedgerStore,
        _ change: @escaping @Sendable (RedisValue) -> RedisValue
    ) {
        (self.replies, self.ledger, self.change) = (replies, ledger, change)
    }

    /// How many changed replies were given.
    var count: Int { state.withLock { $0.count } }

    /// Ends the garbling.
    func heal() { state.withLock { $0.isGarbling = false } }

    func join(_ request: JoinRequest, in group: BudgetGroup) async throws(LedgerError) -> JoinReply {
        let garbled = try garbled(replies.join) { value throws(LedgerError) in try JoinReply(decoding: value) }
        if let garbled { return garbled }
        return try await ledger.join(request, in: group)
    }

    func exchange(_ request: ExchangeRequest, in group: BudgetGroup) async throws(LedgerError) -> ExchangeReply {
        let wants = request.wants
        let garbled = try garbled(wants.isEmpty ? replies.idle : replies.single) { value throws(LedgerError) in
            try ExchangeReply(decoding: value, wants: wants)
        }
        if let garbled { return garbled }
        return try await ledger.exchange(request, in: group)
    }

    func status(tenants: [Tenant], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus? {
        try await ledger.status(tenants: tenants, in: group)
    }

    func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError) {
        try await ledger.hold(for: span, in: group)
    }

    /// A changed reply that the decoder accepts; gives up after some that it does not. `nil` after ``heal()``.
    private func garbled<Reply>(
        _ reply: RedisValue, _ decode: (RedisValue) throws(LedgerError) -> Reply
    ) throws(LedgerError) -> Reply? {
        for _ in 0..<50 {
            guard state.withLock({ $0.isGarbling }) else { return nil }
            guard let decoded = try? decode(change(reply)) else { continue }
            state.withLock { $0.count += 1 }
            return decoded
        }
        throw LedgerError(.malformedReply, "no reply that the decoder accepts")
    }
}
