// SPDX-License-Identifier: Apache-2.0

import Headroom

/// One worker of a simulated day: its permits, what it has to settle, and what it remembers.
struct DayWorker {
    let id: InstanceID
    private(set) var epoch: Int64 = 0
    private var sequence: Int64 = 0
    /// The marks of the permits that it holds: of the minute and of the day.
    var permits: [(minute: Int64, day: Int64)] = []
    private var settlement = Settlement(tenant: nil)
    private var observations: [Observation] = []
    private var rejections: [RejectionReport] = []
    private var recent: [(at: Microseconds, count: Int, report: Int64)] = []
    private var older = (day: Int64(0), count: 0)

    private static let throttle = LimitReference(.product, .throttle)
    private static let quota = LimitReference(.product, .quota)

    init(id: InstanceID) { self.id = id }

    mutating func exchange(at now: Microseconds, jitter: Int) -> ExchangeRequest {
        sequence += 1
        var request = ExchangeRequest(instance: id, epoch: epoch, sequence: sequence, jitter: jitter)
        if settlement.spent > 0 { request.settlements = [settlement] }
        (request.observations, request.rejections) = (observations, rejections)
        remember(settlement.spent, at: now)
        (settlement, observations, rejections) = (Settlement(tenant: nil), [], [])
        return request
    }

    mutating func take(_ grant: Grant, at now: Microseconds) {
        let minute = grant.marks.first { $0.limit == Self.throttle }?.count ?? 0
        let day = grant.marks.first { $0.limit == Self.quota }?.count ?? 0
        for position in 0..<Int64(grant.count) { permits.append((minute + position + 1, day + position + 1)) }
    }

    mutating func answered(isAccepted: Bool, mark: (minute: Int64, day: Int64), minute: Int, day: Int) {
        settlement.spent += 1
        if isAccepted {
            settlement.accepted += 1
        } else {
            rejections = [RejectionReport(limit: Self.quota, mark: mark.day)]
        }
        observations = [
            Observation(limit: Self.throttle, capacity: 1_500, used: minute, mark: mark.minute),
            Observation(limit: Self.quota, capacity: 150_000, used: day, mark: mark.day),
        ]
    }

    func join(_ settings: LedgerSettings, at now: Microseconds, epoch proposed: Int64) -> JoinRequest {
        var history = recent.reversed().map {
            SpentCalls(tenant: nil, age: now - $0.at, count: $0.count, report: $0.report)
        }
        if older.day == now / Rules.day { history.append(SpentCalls(tenant: nil, age: 61_000_000, count: older.count)) }
        return JoinRequest(
            instance: id, settings: settings, proposedEpoch: proposed, knownEpoch: epoch, sequence: sequence + 1,
            permits: [TenantPermits(tenant: nil, count: permits.count)], history: epoch == 0 ? [] : history)
    }

    mutating func joined(_ reply: JoinReply) { (epoch, sequence) = (reply.epoch, sequence + 1) }

    private mutating func remember(_ count: Int, at now: Microseconds) {
        if count > 0 { recent.append((now, count, sequence)) }
        while let first = recent.first, first.at <= now - 61_000_000 {
            if older.day != first.at / Rules.day { older = (first.at / Rules.day, 0) }
            older.count += first.count
            recent.removeFirst()
        }
    }
}
