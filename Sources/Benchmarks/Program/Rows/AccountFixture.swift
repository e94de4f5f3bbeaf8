// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis

/// Instances that were taken in by a ledger, and the exchanges that they make one after the other.
struct AccountFixture: Sendable {
    let group: BudgetGroup
    private(set) var instances: [InstanceID] = []
    private let epoch: Int64
    private var sequences: [Int64]

    /// Lets instances join a new group.
    init(_ name: String, _ plan: Plan, instances count: Int, _ ledger: RedisLedger) async throws {
        guard let group = BudgetGroup(name) else { throw BenchmarkFailure("no group '\(name)'") }
        self.group = group
        var epoch: Int64 = 0
        for index in 0..<count {
            guard let id = InstanceID("bench-\(index)") else { continue }
            let reply = try await ledger.join(
                JoinRequest(
                    instance: id, settings: LedgerSettings(plan: plan, timeToLive: .seconds(600)), proposedEpoch: 4711),
                in: group)
            epoch = reply.epoch
            instances.append(id)
        }
        self.epoch = epoch
        sequences = Array(repeating: 1, count: count)
    }

    /// The next exchange of an instance: settles what the last one was granted, and wants as many again.
    mutating func next(
        of index: Int = 0, settling: Int? = nil, wants: Int = 1, observing: [Observation] = []
    ) -> ExchangeRequest {
        sequences[index] += 1
        let spent = settling ?? (sequences[index] > 2 ? wants : 0)
        return ExchangeRequest(
            instance: instances[index], epoch: epoch, sequence: sequences[index],
            settlements: spent > 0 ? [Settlement(tenant: nil, spent: spent, accepted: spent)] : [],
            observations: observing, wants: wants > 0 ? [Want(count: wants)] : [])
    }

    /// As many calls of the exchange's script, by all instances in turn.
    mutating func calls(_ count: Int) -> [ScriptCall] {
        (0..<count).map { ScriptCall(next(of: $0 % instances.count), in: group) }
    }

    /// Makes sure that the calls did what they were to do: a permit each.
    func check(spentAtLeast least: Int, _ ledger: RedisLedger) async throws {
        let budget = try await ledger.status(tenants: [], in: group)?.budgets.first
        let limit = budget?.limits.first { if case .paced = $0.window { false } else { true } }
        guard let budget, let limit, limit.spent + budget.outstanding >= Int64(least) else {
            throw BenchmarkFailure(
                "the account of \(group) shows less than \(least) calls: the exchanges did not grant")
        }
    }
}
