// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting

/// Greedy workers under one client id, in simulated time: every instance exchanges with the account as a coordinator
/// does, every call takes its time to the vendor and back.
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
    /// The first of them, that are not measured.
    var warmUp: Int64 = 120
    /// Calls that the vendor counts already when the account begins empty.
    var usedBefore = 0
    /// The weights of the first instances; those after them have 1.
    var weights: [Int] = []
    /// When the last instance joins, in seconds after the others.
    var newcomerAt: Int64 = 0
    /// Interactive callers at each instance, a minute.
    var interactive: Int64 = 0
    var priority = Priority.normal
    /// A coordinator that waits for a window settles sooner than one that waits for slots.
    private var settleDelay: Int64 {
        limits.contains { if case .paced = $0.window { true } else { false } } ? 100_000 : 10_000
    }
    var floors = LedgerSettings.Floors()

    struct Outcome {
        var accepted = 0
        var rejected = 0
        var strangersAccepted = 0
        var rejectedShare: Double { Double(rejected) / Double(max(1, accepted + rejected)) }
        /// Accepted calls and strangers', of what the vendor allows in the time after the first minute.
        var use = 0.0
        var ownUse = 0.0
        /// Exchanges after the warm-up, those apart that came only because it was time for one; and what they granted.
        var roundTrips = 0
        var granted = 0
        /// Calls of each instance that were accepted after the warm-up.
        var calls: [Int] = []
        /// How long interactive callers waited for their slots, after the warm-up.
        var waits: [Int64] = []

        /// Jain's index of the instances' calls: 1 if all are equal, 1/n if one has all.
        var fairness: Double {
            let sum = Double(calls.reduce(0, +))
            let squares = calls.reduce(0) { $0 + Double($1) * Double($1) }
            return squares > 0 ? sum * sum / (Double(calls.count) * squares) : 0
        }

        /// The wait that so many of a hundred interactive callers did not exceed, in microseconds.
        func wait(percentile: Int) -> Int64 { waits.sorted()[waits.count * percentile / 100] }
    }

    private enum Event {
        case exchange(Int)
        case arrive(Int, marks: [Mark], position: Int64, sent: Int64, isInteractive: Bool)
        case answer(Int, isAccepted: Bool, used: Int, mark: Int64, isInteractive: Bool)
        case stranger
        case caller(Int)
    }

    private struct Worker {
        let id: InstanceID
        var idle: Int
        var sequence: Int64 = 0
        var settlement = Settlement(tenant: nil)
        var observation: Observation?
        var rejections = 0
        var rejectionMark: Int64 = 0
        var retryAt: Int64 = 0
        var settleAt: Int64 = .max
        var lastExchange: Int64
        var scheduled: Int64 = .max
        /// Slots that are still to come, and when the interactive callers that wait came.
        var slots: [Int64] = []
        var callers: [Int64] = []

        /// When the next exchange is due: for what is wanted, to settle, or as a heartbeat.
        func due(at now: Int64) -> Int64 {
            if rejections > 0 { return now }
            return min(settleAt, idle > 0 || !callers.isEmpty ? retryAt : .max, heartbeatAt)
        }

        var heartbeatAt: Int64 { lastExchange + 2_500_000 }

        /// Asks again when the ledger advised, but not while it holds all that it may.
        mutating func takeAdvice(of exchange: Exchange, at now: Int64) {
            let shortages = exchange.grants.compactMap(\.shortage)
            retryAt = now + 300 + (shortages.map(\.retryIn).min() ?? 0)
            guard case .limit(let limit)? = shortages.first?.cause, limit.name == .spike else { return }
            if let next = slots.first(where: { $0 > now }) { retryAt = max(retryAt, next) }
        }
    }

    func run(seed: UInt64) throws -> Outcome {
        var random = SeededGenerator(seed: seed)
        var vendor = vendor
        let start: Int64 = 1_790_000_000_000_000
        let settings = LedgerSettings(plan: try Plan(name: "test", productLimits: limits), floors: floors)
        var account = GroupAccount(epoch: 7, now: start, settings: settings)
        var outcome = Outcome()
        var queue = EventQueue<Event>()
        var workers: [Worker] = []
        let throttle = LimitReference(.product, .throttle)
        for index in 0..<instances {
            let id = InstanceID(using: &random)
            let joined = index > 0 && index == instances - 1 ? start + newcomerAt * 1_000_000 : start
            workers.append(Worker(id: id, idle: tasks, lastExchange: joined))
            queue.push(.exchange(index), at: joined + Int64.random(in: 0..<1000, using: &random))
            if interactive > 0 {
                queue.push(.caller(index), at: start + Int64.random(in: 0..<60_000_000, using: &random))
            }
        }
        outcome.calls = Array(repeating: 0, count: instances)
        for _ in 0..<usedBefore { _ = vendor.receive(at: start) }
        if strangers > 0 { queue.push(.stranger, at: start) }
        let end = start + seconds * 1_000_000
        let measured = start + warmUp * 1_000_000
        var (measuredOwn, measuredStrangers) = (0, 0)

        func join(_ index: Int, at now: Int64) {
            let request = JoinRequest(
                instance: workers[index].id, weight: index < weights.count ? weights[index] : 1, settings: settings,
                proposedEpoch: 7)
            _ = account.join(request, isNew: index == 0, at: now)
        }

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
            case .caller(let index):
                workers[index].callers.append(now)
                workers[index].retryAt = min(workers[index].retryAt, now)
                queue.push(.caller(index), at: now + Int64.random(in: 0...120_000_000 / interactive, using: &random))
                schedule(index, at: now)
            case .arrive(let index, let marks, let position, let sent, let isInteractive):
                let (isAccepted, used) = vendor.receive(at: now)
                let mark = (marks.first { $0.limit == throttle }?.count ?? 0) + position
                if now >= measured, isAccepted {
                    measuredOwn += 1
                    outcome.calls[index] += 1
                }
                queue.push(
                    .answer(index, isAccepted: isAccepted, used: used, mark: mark, isInteractive: isInteractive),
                    at: now + (now - sent))
            case .answer(let index, let isAccepted, let used, let mark, let isInteractive):
                if !isInteractive { workers[index].idle += 1 }
                workers[index].settlement.spent += 1
                if isAccepted {
                    outcome.accepted += 1
                    workers[index].settlement.accepted += 1
                } else {
                    outcome.rejected += 1
                    workers[index].rejections += 1
                    workers[index].rejectionMark = mark
                }
                workers[index].observation = Observation(
                    limit: throttle, window: .rolling(.seconds(60)), capacity: vendor.capacity, used: used, mark: mark)
                workers[index].settleAt = min(workers[index].settleAt, now + settleDelay)
                schedule(index, at: now)
            case .exchange(let index):
                guard workers[index].scheduled == now || workers[index].sequence == 0 else { continue }
                workers[index].scheduled = .max
                var worker = workers[index]
                if worker.sequence == 0 {
                    join(index, at: now)
                    worker.sequence = 1
                }
                worker.sequence += 1
                var request = ExchangeRequest(
                    instance: worker.id, epoch: 7, sequence: worker.sequence,
                    jitter: Int.random(in: 0...999, using: &random))
                if worker.settlement.spent > 0 { request.settlements = [worker.settlement] }
                if let observation = worker.observation { request.observations = [observation] }
                if worker.rejections > 0 {
                    request.rejections = [
                        RejectionReport(limit: throttle, count: worker.rejections, mark: worker.rejectionMark)
                    ]
                }
                if !worker.callers.isEmpty {
                    request.wants.append(Want(priority: .interactive, count: worker.callers.count))
                }
                if worker.idle > 0 { request.wants.append(Want(priority: priority, count: worker.idle)) }
                worker.slots.removeAll { $0 <= now }
                request.pooled = worker.slots.count
                if now >= measured, now < worker.heartbeatAt { outcome.roundTrips += 1 }
                guard case .done(let exchange) = account.exchange(request, at: now) else {
                    throw SimulationError.unknown
                }
                worker.settlement = Settlement(tenant: nil)
                (worker.observation, worker.rejections, worker.settleAt, worker.lastExchange) = (nil, 0, .max, now)
                for (want, grant) in zip(request.wants, exchange.grants) {
                    if now >= measured { outcome.granted += grant.count }
                    let isInteractive = want.priority == .interactive
                    for position in 0..<Int64(grant.count) {
                        let slot = now + 300 + grant.slot + position * grant.spacing / 1000
                        let travel = Int64.random(in: latency.0...latency.1, using: &random) / 2
                        worker.slots.append(slot)
                        if isInteractive {
                            let wait = slot - worker.callers.removeFirst()
                            if now >= measured { outcome.waits.append(wait) }
                        }
                        queue.push(
                            .arrive(
                                index, marks: grant.marks, position: position + 1, sent: slot,
                                isInteractive: isInteractive),
                            at: slot + travel)
                    }
                    if !isInteractive { worker.idle -= grant.count }
                }
                worker.takeAdvice(of: exchange, at: now)
                workers[index] = worker
                schedule(index, at: now)
            }
        }
        let allowed = Double(vendor.capacity) * Double(seconds - warmUp) / 60
        outcome.ownUse = Double(measuredOwn) / allowed
        outcome.use = Double(measuredOwn + measuredStrangers) / allowed
        return outcome
    }

    enum SimulationError: Error { case unknown }
}
