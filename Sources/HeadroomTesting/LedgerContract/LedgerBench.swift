// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

/// A ledger on the test bench: its time, and instances that count their own exchanges.
final class LedgerBench: Sendable {
    let ledger: any LedgerStore
    let time: SettableTime
    let group: BudgetGroup

    init(ledger: any LedgerStore, time: SettableTime) throws {
        (self.ledger, self.time) = (ledger, time)
        var random = SystemRandomNumberGenerator()
        group = try unwrap(BudgetGroup("contract-\(InstanceID(using: &random))"))
    }

    /// An instance that has joined, in a ledger that has learned what the vendor reports unless `learned` is `false`.
    func join(
        _ limits: [Limit], tenantLimits: [Limit] = [], learned: Bool = true, weight: Int = 1,
        settings change: (
            inout LedgerSettings
        ) -> Void = { _ in }
    ) async throws -> BenchInstance {
        var random = SystemRandomNumberGenerator()
        var settings = LedgerSettings(plan: try Plan(name: "bench", productLimits: limits, tenantLimits: tenantLimits))
        change(&settings)
        let id = InstanceID(using: &random)
        let request = JoinRequest(instance: id, weight: weight, settings: settings, proposedEpoch: 42)
        let reply = try await ledger.join(request, in: group)
        let instance = BenchInstance(bench: self, id: id, settings: settings, epoch: reply.epoch)
        if learned { try await instance.learn() }
        return instance
    }

    func status(tenants: [Tenant] = []) async throws -> LedgerStatus {
        try unwrap(try await ledger.status(tenants: tenants, in: group))
    }

    func limit(_ name: LimitName, of tenant: Tenant? = nil) async throws -> LedgerStatus.LimitStatus {
        let status = try await status(tenants: tenant.map { [$0] } ?? [])
        return try unwrap(status.budgets.last?.limits.first { $0.name == name })
    }
}

/// One instance on the bench, which has joined with its first report.
final class BenchInstance: Sendable {
    let bench: LedgerBench
    let id: InstanceID
    let settings: LedgerSettings
    let epoch: Int64
    private let sequence = Mutex<Int64>(1)

    init(bench: LedgerBench, id: InstanceID, settings: LedgerSettings, epoch: Int64) {
        (self.bench, self.id, self.settings, self.epoch) = (bench, id, settings, epoch)
    }

    /// Exchanges, with the next sequence number unless one is given.
    func reply(
        sequence given: Int64? = nil, epoch: Int64? = nil, _ change: (inout ExchangeRequest) -> Void
    ) async throws -> ExchangeReply {
        let next = sequence.withLock { sequence in
            sequence = given ?? sequence + 1
            return sequence
        }
        var request = ExchangeRequest(instance: id, epoch: epoch ?? self.epoch, sequence: next)
        change(&request)
        return try await bench.ledger.exchange(request, in: bench.group)
    }

    /// Joins again, as one that knows an epoch: this one unless another is given.
    @discardableResult
    func rejoin(epoch: Int64? = nil, _ change: (inout JoinRequest) -> Void = { _ in }) async throws -> JoinReply {
        let next = sequence.withLock { sequence in
            sequence += 1
            return sequence
        }
        var request = JoinRequest(
            instance: id, settings: settings, proposedEpoch: 9, knownEpoch: epoch ?? self.epoch, sequence: next)
        change(&request)
        return try await bench.ledger.join(request, in: bench.group)
    }

    /// Exchanges, and expects that the ledger knows the instance.
    @discardableResult
    func exchange(_ change: (inout ExchangeRequest) -> Void) async throws -> Exchange {
        guard case .done(let exchange) = try await reply(change) else {
            throw LedgerContract.Violation(description: "the ledger does not know an instance that is alive")
        }
        return exchange
    }

    /// Wants permits; returns what was granted.
    func want(_ count: Int, tenant: Tenant? = nil, priority: Priority = .interactive, pooled: Int = 0) async throws
        -> Grant
    {
        let exchange = try await exchange { request in
            request.pooled = pooled
            request.wants = [Want(tenant: tenant, priority: priority, count: count)]
        }
        return try unwrap(exchange.grants.first)
    }

    func settle(spent: Int = 0, accepted: Int? = nil, unused: Int = 0, tenant: Tenant? = nil) async throws {
        try await exchange {
            $0.settlements = [Settlement(tenant: tenant, spent: spent, accepted: accepted ?? spent, unused: unused)]
        }
    }

    func observe(_ name: LimitName, capacity: Int, used: Int?, mark: Int64?, tenant: Tenant? = nil) async throws {
        let scope = tenant.map { BudgetScope.tenant($0) } ?? .product
        try await exchange {
            $0.observations = [
                Observation(limit: LimitReference(scope, name), capacity: capacity, used: used, mark: mark)
            ]
        }
    }

    /// Reports what the vendor says when nothing is used, so that the ledger does not probe.
    func learn(tenant: Tenant? = nil) async throws {
        let limits = tenant == nil ? settings.plan.productLimits : settings.plan.tenantLimits
        guard let limit = limits.first(where: { if case .paced = $0.window { false } else { true } }) else {
            // A plan with nothing but a paced limit has no counts to report: three calls teach the ledger.
            for _ in 0..<3 {
                _ = try await want(1, tenant: tenant)
                try await settle(spent: 1, tenant: tenant)
                bench.time.advance(by: .seconds(1))
            }
            return
        }
        try await observe(limit.name, capacity: limit.capacity, used: 0, mark: 0, tenant: tenant)
    }
}

func unwrap<Value>(_ value: Value?, line: UInt = #line) throws -> Value {
    guard let value else { throw LedgerContract.Violation(description: "nothing where a value belongs (line \(line))") }
    return value
}

func expect(_ isKept: Bool, _ what: @autoclosure () -> String) throws {
    if !isKept { throw LedgerContract.Violation(description: what()) }
}

func expect<Value: Equatable>(_ value: Value, _ expected: Value, _ what: String) throws {
    if value != expected { throw LedgerContract.Violation(description: "\(what): \(value) instead of \(expected)") }
}
