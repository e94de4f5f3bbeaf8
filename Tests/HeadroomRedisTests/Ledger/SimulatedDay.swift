// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting

/// Workers, strangers and the vendor over a day, in steps of some seconds.
struct SimulatedDay {
    static let stepSeconds = 4
    /// 2026-11-02 00:00:00 UTC.
    static let start: Microseconds = 1_793_577_600_000_000

    private(set) var vendor = DayVendor(start: start)
    private(set) var crashes = 0
    private(set) var rejoins = 0
    private(set) var namedQuota = 0
    private(set) var exchanges = 0

    private let ledger: any LedgerStore
    private let time: SettableTime
    private let group: BudgetGroup
    private let settings: LedgerSettings
    private var workers: [DayWorker]
    private var random: SeededGenerator
    private var steps = 0

    init(_ ledger: any LedgerStore, time: SettableTime, seed: UInt64) throws {
        guard let group = BudgetGroup("day") else { throw Unexpected() }
        (self.ledger, self.time, self.group) = (ledger, time, group)
        // Steps of seconds are too coarse for the spike; the minute and the day are kept.
        let limits = Plan.keapOAuth.productLimits.filter { $0.name != .spike }
        settings = LedgerSettings(plan: try Plan(name: "day", productLimits: limits))
        var random = SeededGenerator(seed: seed)
        workers = (0..<5).map { _ in DayWorker(id: InstanceID(using: &random)) }
        self.random = random
    }

    /// All workers do their calls of one step, and strangers theirs; each hour a worker is replaced, with permits out.
    mutating func step() async throws {
        steps += 1
        time.advance(by: .seconds(Self.stepSeconds))
        if steps % 900 == 0 { crash() }
        let hour = (time.now - Self.start) / 3_600_000_000
        if hour % 6 == 3, steps % 4 == 0 { vendor.stranger(at: time.now) }
        for index in workers.indices { try await exchange(index) }
    }

    /// Some of the calls whose permits the worker had were sent; nobody knows.
    private mutating func crash() {
        crashes += 1
        for _ in 0..<workers[0].permits.count / 2 { _ = vendor.receive(at: time.now) }
        workers.removeFirst()
        workers.append(DayWorker(id: InstanceID(using: &random)))
    }

    private mutating func exchange(_ index: Int) async throws {
        var request = workers[index].exchange(at: time.now, jitter: Int.random(in: 0...999, using: &random))
        request.wants = [Want(count: 2 + Int.random(in: 0...1, using: &random))]
        exchanges += 1
        guard case .done(let exchange) = try await ledger.exchange(request, in: group) else {
            return try await join(index)
        }
        for grant in exchange.grants {
            workers[index].take(grant, at: time.now)
            if case .limit(let limit)? = grant.shortage?.cause, limit.name == .quota { namedQuota += 1 }
        }
        // Most calls are made in the step in which they were granted; the rest is out for another.
        while workers[index].permits.count > 1
            || (!workers[index].permits.isEmpty && Int.random(in: 0..<4, using: &random) > 0)
        {
            let isAccepted = vendor.receive(at: time.now)
            let mark = workers[index].permits.removeFirst()
            workers[index].answered(
                isAccepted: isAccepted, mark: mark, minute: vendor.usedInMinute(at: time.now),
                day: vendor.usedInDay(at: time.now))
        }
    }

    private mutating func join(_ index: Int) async throws {
        if workers[index].epoch != 0 { rejoins += 1 }
        let request = workers[index].join(settings, at: time.now, epoch: Int64.random(in: 1..<1 << 50, using: &random))
        workers[index].joined(try await ledger.join(request, in: group))
    }
}
