// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomSupport
import HeadroomTesting
import RedisTestServer
import Testing

/// Several coordinators, each with a connection of its own, and callers that call without a pause until they are asked
/// to stop.
final class Load: Sendable {
    let coordinators: [RateCoordinator]
    private let tally = Mutex(CallTally())
    private let isStopped = Mutex(false)
    private let tenants: [Tenant?] = [nil, Tenant("ab123"), Tenant("cd456")]
    private let vendor: ModelVendor?
    private static let timeout = Duration.seconds(4)
    private let noise = MachineNoise()

    /// - Parameters:
    ///   - vendor: who answers the calls. Default: every call is accepted, and nothing said of limits.
    ///   - proxied: how many of them reach Redis by way of the proxy. Default: all.
    ///   - ledgers: those of the first coordinators. Default: none, each gets one as said.
    convenience init(
        _ count: Int, _ bench: FaultBench, plan: Plan, vendor: ModelVendor? = nil, proxied: Int? = nil,
        ledgers: [RedisLedger] = [], change: (inout RateCoordinator.Configuration) -> Void = { _ in }
    ) throws {
        let others = try (ledgers.count..<count).map { number in
            number < proxied ?? count ? try bench.ledger() : try bench.direct()
        }
        self.init(ledgers + others, bench.log, plan: plan, vendor: vendor, change: change)
    }

    /// One coordinator for each ledger.
    init(
        _ ledgers: [RedisLedger], _ log: LogCollector, plan: Plan, vendor: ModelVendor? = nil,
        change: (inout RateCoordinator.Configuration) -> Void = { _ in }
    ) {
        self.vendor = vendor
        var configuration = RateCoordinator.Configuration()
        configuration.leaseMaximum = .seconds(60)
        change(&configuration)
        coordinators = ledgers.enumerated().map { [configuration] number, ledger in
            RateCoordinator(
                clientID: "load", plan: plan, ledger: Ledger(ledger), configuration: configuration,
                logger: log.logger("coordinator \(number)"))
        }
    }

    var soFar: CallTally {
        var soFar = tally.withLock { $0 }
        soFar.noise = noise.allowance
        return soFar
    }
    var group: BudgetGroup { coordinators[0].group }

    /// Runs callers while the body runs; then lets them come to their end, and returns what they did. The coordinators
    /// still run in `check`, and end in order after it.
    func run(
        callersEach callers: Int = 4, seed: UInt64 = 1, _ body: () async throws -> Void,
        check: (CallTally) async throws -> Void
    ) async throws {
        let runs = coordinators.map { coordinator in Task { try await coordinator.run() } }
        let calls = coordinators.indices.flatMap { index in
            (0..<callers).map { caller in
                let generator = SeededGenerator(seed: seed &* 1_000 &+ UInt64(index * 100 + caller))
                return Task { await self.call(self.coordinators[index], generator) }
            }
        }
        let result = await Self.result { try await body() }
        isStopped.withLock { $0 = true }
        for call in calls { await call.value }
        let checked = await Self.result { if case .success = result { try await check(soFar) } }
        for coordinator in coordinators { coordinator.shutdown() }
        for run in runs { try await run.value }
        try result.get()
        try checked.get()
    }

    private static func result(_ body: () async throws -> Void) async -> Result<Void, any Error> {
        do {
            try await body()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// One caller's life: most calls are made, some cancelled, some leases dropped.
    private func call(_ coordinator: RateCoordinator, _ generator: SeededGenerator) async {
        var generator = generator
        while !isStopped.withLock({ $0 }) {
            let tenant = tenants.randomElement(using: &generator) ?? nil
            let kind = Int.random(in: 0..<20, using: &generator)
            let duration = Duration.milliseconds(Int.random(in: 2...20, using: &generator))
            let begin = ContinuousClock.now
            do throws(RateLimitError) {
                let lease = try await coordinator.acquire(tenant: tenant?.name, timeout: .after(Self.timeout))
                noteDelay(since: begin)
                guard lease.isUsable, kind > 1 else {
                    tally.withLock { $0.noteCancelled() }
                    lease.cancel()
                    continue
                }
                tally.withLock { tally in
                    tally.noteSpent(tenant)
                    tally.noteCall(at: .now)
                }
                let reading = vendor?.call(tenant) ?? VendorReading(status: 200)
                try? await Task.sleep(for: duration)
                if kind > 2 { _ = lease.complete(reading) }
            } catch {
                noteDelay(since: begin)
                tally.withLock { $0.noteFailed(error.code) }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    private func noteDelay(since begin: ContinuousClock.Instant) {
        let delay = begin.duration(to: .now) - Self.timeout
        tally.withLock { $0.noteDelay(delay) }
    }

    /// Expects that the account comes to be what the callers did: every call counted once, nothing outstanding.
    func expectExactAccount(
        _ tally: CallTally, _ bench: FaultBench, location: SourceLocation = #_sourceLocation
    ) async throws {
        try await expectAccount(tally, bench.direct(), beyond: 0...0, location: location)
    }

    /// Expects that every call is counted, and how many more are, of each budget; and that nothing is outstanding.
    func expectAccount(
        _ tally: CallTally, _ direct: RedisLedger, beyond excess: ClosedRange<Int64>,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let named = tenants.compactMap { $0 }
        let isSettled = await eventually {
            let status = try? await direct.status(tenants: named, in: group)
            return excess.contains((status?.spent() ?? -1) - tally.total) && status?.outstanding() == 0
        }
        let status = try #require(try await direct.status(tenants: named, in: group), sourceLocation: location)
        #expect(
            isSettled,
            """
            \(status.spent() ?? -1) counted and \(status.outstanding() ?? -1) outstanding of \(tally.total) calls; \
            \(coordinators.map(\.statistics))
            """, sourceLocation: location)
        for tenant in named {
            let more = (status.spent(of: .tenant(tenant)) ?? 0) - (tally.spent[tenant] ?? 0)
            #expect(excess.contains(more), "calls of \(tenant)", sourceLocation: location)
            #expect(status.outstanding(of: .tenant(tenant)) ?? 0 == 0, sourceLocation: location)
        }
    }
}
