// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomSupport
import HeadroomTesting
import RedisTestServer

/// One instance that exchanges without a pause, as a coordinator would: each exchange reports one call that was spent,
/// and is repeated as it was until it is answered.
final class ExchangeLoad: Sendable {
    struct Counts: Sendable {
        /// Exchanges that were answered; so many calls were reported.
        var answered = 0
        var rejoins = 0
        /// Failures by their code and the first words of Redis' answer, if it gave one.
        var failures: [String: Int] = [:]
        /// The longest time from one answer to the next.
        var longestGap = Duration.zero
        /// What the machine may have added to any span of real time meanwhile: bounds allow for it.
        var noise = Duration.zero
    }

    let ledger: any LedgerStore
    let group: BudgetGroup
    private let id: InstanceID
    private let counts = Mutex(Counts())
    private let noise = MachineNoise()
    private let state = Mutex(Phase.running)

    private enum Phase {
        case running, stopping, ended
    }

    init(_ ledger: any LedgerStore, group: String) throws {
        guard let group = BudgetGroup(group), let id = InstanceID("load-\(group)") else { throw Unexpected() }
        (self.ledger, self.group, self.id) = (ledger, group, id)
    }

    var now: Counts {
        var now = counts.withLock { $0 }
        now.noise = noise.allowance
        return now
    }

    /// Exchanges while the body runs; returns what came of it.
    static func run(_ loads: [ExchangeLoad], during body: () async throws -> Void) async throws -> [Counts] {
        let tasks = loads.map { load in Task { await load.exchangeUntilStopped() } }
        var failure: (any Error)?
        do { try await body() } catch { failure = error }
        for load in loads { load.state.withLock { $0 = .stopping } }
        // One that gets no answer any more is cut off; what it counted shows that.
        _ = await eventually { loads.allSatisfy { $0.state.withLock { $0 == .ended } } }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        if let failure { throw failure }
        return loads.map(\.now)
    }

    /// Waits until so many more exchanges were answered.
    func awaitAnswers(_ count: Int) async -> Bool {
        let aim = now.answered + count
        return await eventually { now.answered >= aim }
    }

    /// What the account says was spent in this minute.
    func spent() async throws -> Int64? {
        let status = try await ledger.status(tenants: [], in: group)
        return status?.budgets.first?.limits.first { $0.name == .throttle }?.spent
    }

    private func exchangeUntilStopped() async {
        defer { state.withLock { $0 = .ended } }
        var last = ContinuousClock.now
        var sequence: Int64 = 1
        guard var epoch = await join(sequence, knownEpoch: 0) else { return }
        while state.withLock({ $0 == .running }) {
            sequence += 1
            let call = Settlement(tenant: nil, spent: 1, accepted: 1)
            let request = ExchangeRequest(instance: id, epoch: epoch, sequence: sequence, settlements: [call])
            switch await exchange(request) {
            case nil: return
            case .done: note(&last)
            case .unknownInstance:
                counts.withLock { $0.rejoins += 1 }
                guard let next = await join(sequence, knownEpoch: epoch) else { return }
                epoch = next
            }
        }
    }

    private func exchange(_ request: ExchangeRequest) async -> ExchangeReply? {
        await persist { [self] () async throws(LedgerError) in try await ledger.exchange(request, in: group) }
    }

    private func join(_ sequence: Int64, knownEpoch: Int64) async -> Int64? {
        // A ledger that lost its memory gets a report of what was spent, as a coordinator gives it.
        let answered = now.answered
        let history = answered > 0 ? [SpentCalls(tenant: nil, age: 0, count: answered, report: sequence - 1)] : []
        let request = JoinRequest(
            instance: id, settings: LedgerSettings(plan: .keapOAuth), proposedEpoch: .random(in: 1...1_000_000),
            knownEpoch: knownEpoch, sequence: sequence, history: history)
        return await persist { [self] () async throws(LedgerError) in try await ledger.join(request, in: group) }?.epoch
    }

    /// Repeats until there is an answer. Nil: cancelled.
    private func persist<Reply: Sendable>(
        _ body: @Sendable () async throws(LedgerError) -> Reply
    ) async -> Reply? {
        while !Task.isCancelled {
            do throws(LedgerError) {
                return try await body()
            } catch {
                let name = Self.name(error)
                counts.withLock { $0.failures[name, default: 0] += 1 }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
        return nil
    }

    private func note(_ last: inout ContinuousClock.Instant) {
        let (now, before) = (ContinuousClock.now, last)
        last = now
        counts.withLock { counts in
            counts.answered += 1
            counts.longestGap = max(counts.longestGap, now - before)
        }
    }

    private static func name(_ error: LedgerError) -> String {
        let words = ["TRYAGAIN", "CLUSTERDOWN", "READONLY", "MASTERDOWN", "LOADING", "MOVED", "ASK "]
        let word = words.first(where: error.message.contains).map { " \($0)" } ?? ""
        return "\(error.code)\(word)"
    }
}
