// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Priorities over a day")
struct PriorityDayTests {
    private static let quota: Int64 = 15_000
    /// 2026-11-02 00:00:00 UTC.
    private static let start: Microseconds = 1_793_577_600_000_000

    /// One instance that asks for calls of one priority, as many and as often as given.
    private struct Worker {
        let id: InstanceID
        let want: Want
        let every: Int64
        /// The number of the newest report; the first is the join.
        var sequence: Int64 = 1
        var permits = 0
        var granted: Int64 = 0
        var denied = 0
    }

    @Test(
        "Background leaves a fifth of the day, normal calls the floor that is set, interactive ones never go without")
    func day() throws {
        let plan = try Plan(
            name: "day",
            productLimits: [
                Limit(.throttle, capacity: 1_500, window: .rolling(.seconds(60))),
                Limit(.quota, capacity: Int(Self.quota), window: .day),
            ])
        let settings = LedgerSettings(plan: plan, floors: .init(background: 200, normal: 50))
        var account = GroupAccount(epoch: 7, now: Self.start, settings: settings)
        var random = SeededGenerator(seed: 1)
        // Enough for 1.3 days of background work, a third of a day of normal calls, and some people.
        var workers = [
            Worker(id: InstanceID(using: &random), want: Want(priority: .background, count: 50), every: 4),
            Worker(id: InstanceID(using: &random), want: Want(priority: .normal, count: 1), every: 16),
            Worker(id: InstanceID(using: &random), want: Want(priority: .interactive, count: 1), every: 180),
        ]
        for (index, worker) in workers.enumerated() {
            let request = JoinRequest(instance: worker.id, settings: settings, proposedEpoch: 7)
            _ = account.join(request, isNew: index == 0, at: Self.start)
        }
        // The last minutes are left out: the ledger's day may turn in the middle of a step.
        for second in stride(from: Int64(0), to: 86_100, by: 4) {
            for index in workers.indices {
                try step(&workers[index], &account, second: second)
            }
        }
        let granted = workers.map(\.granted)
        #expect(granted[0] > Self.quota * 70 / 100, "background got \(granted[0])")
        #expect(granted[0] <= Self.quota * 80 / 100, "background got \(granted[0])")
        #expect(granted[0] + granted[1] <= Self.quota * 95 / 100, "background and normal got \(granted)")
        #expect(granted.reduce(0, +) > Self.quota * 95 / 100, "of \(Self.quota), \(granted) were granted")
        #expect(workers[1].denied > 0, "the floor for normal calls was never reached")
        #expect(workers[2].denied == 0)
    }

    private func step(_ worker: inout Worker, _ account: inout GroupAccount, second: Int64) throws {
        worker.sequence += 1
        var request = ExchangeRequest(instance: worker.id, epoch: 7, sequence: worker.sequence)
        if worker.permits > 0 {
            request.settlements = [Settlement(tenant: nil, spent: worker.permits, accepted: worker.permits)]
        }
        if second % worker.every == 0 { request.wants = [worker.want] }
        let reply = account.exchange(request, at: Self.start + second * 1_000_000)
        guard case .done(let exchange) = reply else { throw ClusterSimulation.SimulationError.unknown }
        worker.permits = exchange.grants.reduce(0) { $0 + $1.count }
        worker.granted += Int64(worker.permits)
        // In the first moments a ledger lets one call at a time find out what the vendor reports.
        if !request.wants.isEmpty, worker.permits == 0, second > 60 { worker.denied += 1 }
    }
}
