// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting

/// A group's life in some thirty operations, such that every part of an account is made, changed and ended once.
struct AccountStory {
    /// One operation, and what it is there for.
    struct Step: Sendable {
        let label: String
        let operation: LedgerOperation
    }

    private(set) var steps: [Step] = []
    private var sequences: [InstanceID: Int64] = [:]
    private let epoch: Int64 = 7
    private let one = Tenant("ab123")
    private let other = Tenant("cd456")

    init() throws {
        let (first, second) = (try Self.settings(tenant: 40), try Self.settings(tenant: 30))
        let product = LimitReference(.product, .throttle)
        try join("the first join of a group", "a", first)
        try exchange("a first observation", "a") { request in
            request.observations = [Observation(limit: product, capacity: 90, used: 0, mark: 0)]
        }
        try exchange("a first want", "a") { $0.wants = [Want(count: 3)] }
        try exchange("a settlement, and wants of tenants", "a") { [one, other] request in
            request.settlements = [Settlement(tenant: nil, spent: 2, accepted: 2, unused: 1)]
            request.wants = [Want(tenant: one, count: 1), Want(tenant: other, count: 1)]
        }
        try join("a second instance", "b", first)
        advance(.milliseconds(300))
        try exchange("the first exchange in a new sub-window", "a") { [one, other] request in
            request.settlements = [
                Settlement(tenant: one, spent: 1, accepted: 1), Settlement(tenant: other, spent: 1, accepted: 1),
            ]
            request.wants = [Want(tenant: one, count: 2)]
        }
        repeatLast("the same exchange again")
        advance(.milliseconds(300))
        try exchange("both instances want", "b") { [other] request in
            request.wants = [
                Want(tenant: other, priority: .interactive, count: 2), Want(priority: .background, count: 40),
            ]
        }
        try observations(product)
        try holds()
        try joins(first)
        try ends(second)
    }

    private static func settings(tenant: Int) throws -> LedgerSettings {
        LedgerSettings(
            plan: try Plan(
                name: "story",
                productLimits: [
                    Limit(.spike, capacity: 25, window: .paced(.seconds(1))),
                    Limit(.throttle, capacity: 90, window: .rolling(.seconds(60))),
                    Limit(.quota, capacity: 20_000, window: .day),
                ],
                tenantLimits: [
                    Limit(.throttle, capacity: tenant, window: .rolling(.seconds(60))),
                    Limit(.quota, capacity: 9_000, window: .day),
                ]))
    }

    private mutating func observations(_ product: LimitReference) throws {
        guard let one else { throw Unexpected() }
        advance(.milliseconds(300))
        try exchange("an observation and a rejection", "b") { request in
            request.settlements = [Settlement(tenant: nil, spent: 1)]
            request.observations = [
                Observation(limit: product, capacity: 90, used: 60, mark: 5),
                Observation(limit: LimitReference(.product, .quota), capacity: 20_000, used: 80, mark: 5),
            ]
            request.rejections = [RejectionReport(limit: product, count: 1, mark: 5)]
        }
        advance(.seconds(2))
        try exchange("a limit that is seen for the first time", "a") { request in
            request.settlements = [Settlement(tenant: one, spent: 1, accepted: 1, unused: 1)]
            request.observations = [
                Observation(
                    limit: LimitReference(.tenant(one), LimitName("minute") ?? .quota), window: .rolling(.seconds(7)),
                    capacity: 50, used: 4, mark: 1)
            ]
            request.wants = [Want(tenant: one, count: 1), Want(tenant: Tenant("new"), count: 1)]
        }
    }

    private mutating func holds() throws {
        steps.append(Step(label: "a hold", operation: .hold(.seconds(30))))
        try exchange("a want during a hold", "a") { $0.wants = [Want(count: 1)] }
        steps.append(Step(label: "a resume", operation: .hold(nil)))
    }

    private mutating func joins(_ settings: LedgerSettings) throws {
        try join("a join with permits and a history", "c", settings) { [one, other] request in
            (request.knownEpoch, request.sequence) = (5, 10)
            request.permits = [TenantPermits(tenant: one, count: 2), TenantPermits(tenant: nil, count: 1)]
            request.history = (0..<8).map { number in
                SpentCalls(
                    tenant: [nil, one, other][number % 3], age: 700_000 * Int64(number), count: 1,
                    report: 9 - Int64(number))
            }
        }
        try join("an instance that joins again", "b", settings) { [other] request in
            request.knownEpoch = 7
            request.permits = [TenantPermits(tenant: other, count: 1)]
        }
        try exchange("an exchange after that", "c") { [one] request in
            request.settlements = [Settlement(tenant: one, spent: 2, accepted: 2)]
            request.wants = [Want(tenant: one, count: 1)]
        }
    }

    private mutating func ends(_ settings: LedgerSettings) throws {
        advance(.seconds(6))
        try exchange("an exchange of nothing: a heartbeat", "a") { _ in }
        try exchange("another's heartbeat", "c") { _ in }
        advance(.seconds(6))
        try exchange("the sweep of an expired instance", "a") { $0.wants = [Want(count: 2)] }
        try join("other settings", "d", settings)
        try exchange("a tenant's budget under other settings", "a") { [one] request in
            request.wants = [Want(tenant: one, count: 1)]
        }
        try exchange("an exchange out of order", "a") { $0.sequence += 3 }
        sequences[try Self.id("a"), default: 0] -= 1
        advance(.seconds(130))
        try join("a join after all have expired and all windows are past", "a", settings)
        try exchange("the first exchange after that", "a") { [one] request in
            request.wants = [Want(count: 1), Want(tenant: one, count: 1)]
        }
        advance(.seconds(1))
        try exchange("the last exchange of an instance", "a") { [one] request in
            request.settlements = [Settlement(tenant: nil, spent: 1), Settlement(tenant: one, unused: 1)]
            request.isLast = true
        }
    }

    private static func id(_ name: String) throws -> InstanceID {
        guard let id = InstanceID(name) else { throw Unexpected() }
        return id
    }

    private mutating func advance(_ span: Duration) {
        steps.append(Step(label: "time passes", operation: .advance(span)))
    }

    private mutating func join(
        _ label: String, _ name: String, _ settings: LedgerSettings, _ change: (inout JoinRequest) -> Void = { _ in }
    ) throws {
        let id = try Self.id(name)
        var request = JoinRequest(
            instance: id, settings: settings, proposedEpoch: epoch, sequence: sequences[id, default: 0] + 1)
        change(&request)
        sequences[id] = request.sequence
        steps.append(Step(label: label, operation: .join(request)))
    }

    private mutating func exchange(
        _ label: String, _ name: String, _ change: (inout ExchangeRequest) -> Void
    ) throws {
        let id = try Self.id(name)
        sequences[id, default: 0] += 1
        var request = ExchangeRequest(instance: id, epoch: epoch, sequence: sequences[id] ?? 1)
        change(&request)
        steps.append(Step(label: label, operation: .exchange(request)))
    }

    private mutating func repeatLast(_ label: String) {
        if let last = steps.last { steps.append(Step(label: label, operation: last.operation)) }
    }
}
