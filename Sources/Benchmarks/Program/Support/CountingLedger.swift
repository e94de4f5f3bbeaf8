// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

/// A ledger that passes everything on to another one, and counts: exchanges that reported or asked for something, those
/// that only renewed, and how long those took that asked for permits.
final class CountingLedger: LedgerStore {
    struct Counts: Sendable {
        /// Exchanges that reported or asked for something.
        var trips = 0
        /// Exchanges that only renewed.
        var heartbeats = 0
        var granted = 0
        var failures = 0
        /// How long exchanges with wants took. Microseconds.
        var spans: [Double] = []
    }

    private static let spansMaximum = 1_000_000
    private let base: any LedgerStore
    private let counted = Mutex(Counts())
    private let joined = Mutex(Int64?.none)

    init(_ base: any LedgerStore) { self.base = base }

    var counts: Counts { counted.withLock { $0 } }

    /// When an instance was last taken in, by ``Clock/now()``. `nil` if none was.
    var joinedAt: Int64? { joined.withLock { $0 } }

    func reset() { counted.withLock { $0 = Counts() } }

    func join(_ request: JoinRequest, in group: BudgetGroup) async throws(LedgerError) -> JoinReply {
        let reply = try await base.join(request, in: group)
        joined.withLock { $0 = Clock.now() }
        return reply
    }

    func exchange(_ request: ExchangeRequest, in group: BudgetGroup) async throws(LedgerError) -> ExchangeReply {
        let begin = Clock.now()
        let reply: ExchangeReply
        do throws(LedgerError) {
            reply = try await base.exchange(request, in: group)
        } catch {
            counted.withLock { $0.failures += 1 }
            throw error
        }
        let span = Double(Clock.now() - begin) / 1000
        counted.withLock { counts in
            let isTrip =
                !request.settlements.isEmpty || !request.observations.isEmpty || !request.rejections.isEmpty
                || !request.wants.isEmpty
            if isTrip { counts.trips += 1 } else { counts.heartbeats += 1 }
            if case .done(let exchange) = reply { counts.granted += exchange.grants.reduce(0) { $0 + $1.count } }
            if !request.wants.isEmpty, counts.spans.count < Self.spansMaximum { counts.spans.append(span) }
        }
        return reply
    }

    func status(tenants: [Tenant], in group: BudgetGroup) async throws(LedgerError) -> LedgerStatus? {
        try await base.status(tenants: tenants, in: group)
    }

    func hold(for span: Duration?, in group: BudgetGroup) async throws(LedgerError) {
        try await base.hold(for: span, in: group)
    }
}
