// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting

/// Greedy workers under one client id, in simulated time: every instance exchanges with the account as a coordinator does, every
/// call takes its time to the vendor and back.
struct ClusterSimulation {
    var instances = 8
    var tasks = 8
    /// Strangers' calls a minute, evenly spread, or all at the same second of each minute.
    var strangers = 0
    var strangersBurst = false
    var latency: (Int64, Int64) = (5_000, 40_000)
    var vendor: MinuteVendor
    var limits: [Limit]
    var seconds: Int64 = 420
    /// Calls that the vendor counts already when the account begins empty.
    var usedBefore = 0

    struct Outcome {
        var accepted = 0
        var refused = 0
        var strangersAccepted = 0
        var refusedShare: Double { Double(refused) / Double(max(1, accepted + refused)) }
        /// Accepted calls and strangers', of what the vendor allows in the time after the first minute.
        var use = 0.0
        var ownUse = 0.0
        var roundTrips = 0
    }

    private enum Event {
        case exchange(Int)
        case arrive(Int, marks: [Mark], position: Int64, sent: Int64)
        case answer(Int, isAccepted: Bool, used: Int, mark: Int64)
        case stranger
    }

    private struct Worker {
        let id: InstanceID
        var idle: Int
        var sequence: Int64 = 0
        var settlement = Settlement(tenant: nil)
        var observation: Observation?
        var refusals = 0
        var refusalMark: Int64 = 0
        var retryAt: Int64 = 0
        var settleAt: Int64 = .max
        var lastExchange: Int64
        var scheduled: Int64 = .max

        /// When the next exchange is due: for what is wanted, to settle, or as a heartbeat.
        func due(at now: Int64) -> Int64 {
            if refusals > 0 { return now }
            return min(settleAt, idle > 0 ? retryAt : .max, lastExchange + 2_500_000)
        }
    }

    func run(seed: UInt64) throws -> Outcome {
        var random = SeededGenerator(seed: seed)
        var vendor = vendor
        let start: Int64 = 1_790_000_000_000_000
        let settings = LedgerSettings(plan: try Plan(name: "test", productLimits: limits))
        var account = GroupState(epoch: 7, now: start, settings: settings)
        var outcome = Outcome()
        var queue = EventQueue<Event>()
        var workers: [Worker] = []
        let throttle = LimitReference(.product, .throttle)
        for index in 0..<instances {
            let id = InstanceID(using: &random)
            _ = account.join(
                JoinRequest(instance: id, settings: settings, proposedEpoch: 7), isNew: index == 0, at: start)
            workers.append(Worker(id: id, idle: tasks, lastExchange: start))
            queue.push(.exchange(index), at: start + Int64.random(in: 0..<1000, using: &random))
        }
        for _ in 0..<usedBefore { _ = vendor.receive(at: start) }
        if strangers > 0 { queue.push(.stranger, at: start) }
        let end = start + seconds * 1_000_000
        let measured = start + 120_000_000
        var (measuredOwn, measuredStrangers) = (0, 0)

        func schedule(_ index: Int, at now: Int64) {
            let due = max(now + 50, workers[index].due(at: now))
            guard due < workers[index].scheduled else { return }
            workers[index].scheduled = due
            queue.push(.exchange(index), at: due)
        }

        while let (now, event) = queue.pop(), now < end {
            switch event {
            case .stranger:
                let isAccepted = vendor.receive(at: now).isAccepted
                if isAccepted {
                    outcome.strangersAccepted += 1
                    if now >= measured { measuredStrangers += 1 }
                }
                let minute = (now - start) / 60_000_000
                let isBurstOver = strangersBurst && (now - start) % 60_000_000 > 10_000_000
                let pause = Int64(60_000_000 / strangers) / (strangersBurst ? 6 : 1)
                queue.push(.stranger, at: isBurstOver ? start + (minute + 1) * 60_000_000 : now + pause)
            case .arrive(let index, let marks, let position, let sent):
                let (isAccepted, used) = vendor.receive(at: now)
                let mark = (marks.first { $0.limit == throttle }?.count ?? 0) + position
                if now >= measured, isAccepted { measuredOwn += 1 }
                queue.push(.answer(index, isAccepted: isAccepted, used: used, mark: mark), at: now + (now - sent))
            case .answer(let index, let isAccepted, let used, let mark):
                workers[index].idle += 1
                workers[index].settlement.spent += 1
                if isAccepted {
                    outcome.accepted += 1
                    workers[index].settlement.accepted += 1
                } else {
                    outcome.refused += 1
                    workers[index].refusals += 1
                    workers[index].refusalMark = mark
                }
                workers[index].observation = Observation(
                    limit: throttle, window: .rolling(.seconds(60)), capacity: vendor.capacity, used: used, mark: mark)
                workers[index].settleAt = min(workers[index].settleAt, now + 100_000)
                schedule(index, at: now)
            case .exchange(let index):
                guard workers[index].scheduled == now || workers[index].sequence == 0 else { continue }
                workers[index].scheduled = .max
                var worker = workers[index]
                worker.sequence += 1
                var request = ExchangeRequest(
                    instance: worker.id, epoch: 7, sequence: worker.sequence,
                    jitter: Int.random(in: 0...999, using: &random))
                if worker.settlement.spent > 0 { request.settlements = [worker.settlement] }
                if let observation = worker.observation { request.observations = [observation] }
                if worker.refusals > 0 {
                    request.refusals = [Refusal(limit: throttle, count: worker.refusals, mark: worker.refusalMark)]
                }
                if worker.idle > 0 { request.wants = [Want(count: worker.idle)] }
                outcome.roundTrips += 1
                guard case .done(let exchange) = account.exchange(request, at: now) else {
                    throw SimulationError.unknown
                }
                worker.settlement = Settlement(tenant: nil)
                (worker.observation, worker.refusals, worker.settleAt, worker.lastExchange) = (nil, 0, .max, now)
                if let grant = exchange.grants.first {
                    for position in 0..<Int64(grant.count) {
                        let slot = now + 300 + grant.slot + position * grant.spacing / 1000
                        let travel = Int64.random(in: latency.0...latency.1, using: &random) / 2
                        queue.push(
                            .arrive(index, marks: grant.marks, position: position + 1, sent: slot), at: slot + travel)
                    }
                    worker.idle -= grant.count
                    worker.retryAt = now + 300 + (grant.shortage?.retryIn ?? 0)
                }
                workers[index] = worker
                schedule(index, at: now)
            }
        }
        let allowed = Double(vendor.capacity) * Double(seconds - 120) / 60
        outcome.ownUse = Double(measuredOwn) / allowed
        outcome.use = Double(measuredOwn + measuredStrangers) / allowed
        return outcome
    }

    enum SimulationError: Error { case unknown }
}
