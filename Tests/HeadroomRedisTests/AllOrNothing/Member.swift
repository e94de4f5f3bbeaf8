// SPDX-License-Identifier: Apache-2.0

import Headroom

/// An instance as its coordinator would keep it: what it has in hand, and what it spent.
struct Member: Sendable {
    /// Calls that were settled at one time.
    struct Spent: Sendable {
        let tenant: Tenant?
        let time: Microseconds
        let count: Int
        /// The number of the exchange that settled them.
        let report: Int64
    }

    let id: InstanceID
    let weight: Int
    var epoch: Int64 = 0
    var sequence: Int64 = 0
    /// When the ledger answered last.
    private(set) var answeredAt: Microseconds = 0
    /// Permits in callers' hands.
    var permits: [Tenant?: Int] = [:]
    /// Permits whose calls were made, and that were not settled yet.
    var used: [Tenant?: Int] = [:]
    /// Calls that were settled.
    var spent: [Spent] = []

    /// Permits that are outstanding for it, by tenant.
    var outstanding: [Tenant?: Int] { permits.merging(used, uniquingKeysWith: +).filter { $0.value > 0 } }

    /// The request with which it joins.
    func join(_ settings: LedgerSettings, proposing epoch: Int64, at now: Microseconds) -> JoinRequest {
        JoinRequest(
            instance: id, weight: weight, settings: settings, proposedEpoch: epoch, knownEpoch: self.epoch,
            sequence: sequence + 1, permits: outstanding.map { TenantPermits(tenant: $0.key, count: $0.value) },
            history: self.epoch == 0
                ? []
                : spent.reversed().map {
                    SpentCalls(tenant: $0.tenant, age: now - $0.time, count: $0.count, report: $0.report)
                })
    }

    mutating func note(_ reply: JoinReply, of request: JoinRequest, at now: Microseconds) {
        (epoch, sequence, answeredAt) = (reply.epoch, request.sequence, now)
    }

    /// The next exchange: settles what was used, and `unused` permits of those in hand.
    func exchange(_ wants: [Want], unused: [Tenant?: Int] = [:]) -> ExchangeRequest {
        let tenants = Set(used.keys).union(unused.keys)
        return ExchangeRequest(
            instance: id, epoch: epoch, sequence: sequence + 1,
            settlements: tenants.compactMap { tenant in
                let (spent, unused) = (used[tenant] ?? 0, unused[tenant] ?? 0)
                return spent + unused > 0
                    ? Settlement(tenant: tenant, spent: spent, accepted: spent, unused: unused) : nil
            },
            wants: wants)
    }

    mutating func note(_ exchange: Exchange, of request: ExchangeRequest, at now: Microseconds) {
        (sequence, answeredAt) = (request.sequence, now)
        for settlement in request.settlements {
            used[settlement.tenant, default: 0] -= settlement.spent
            permits[settlement.tenant, default: 0] -= settlement.unused
            if settlement.spent > 0 {
                spent.append(
                    Spent(
                        tenant: settlement.tenant, time: now, count: settlement.spent, report: request.sequence))
            }
        }
        for (want, grant) in zip(request.wants, exchange.grants) { permits[want.tenant, default: 0] += grant.count }
    }

    /// Calls settled within a span.
    func count(of tenant: Tenant?, within span: Microseconds, at now: Microseconds) -> Int {
        spent.filter { (tenant == nil || $0.tenant == tenant) && now - $0.time < span }.reduce(0) { $0 + $1.count }
    }

    mutating func forget(before time: Microseconds) { spent.removeAll { $0.time < time } }
}
