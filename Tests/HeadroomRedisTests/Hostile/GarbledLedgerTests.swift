// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomSupport
import HeadroomTesting
import RedisClient
import TestClock
import Testing

@Suite("A coordinator whose ledger answers nonsense", .serialized, .timeLimit(.minutes(10)))
struct GarbledLedgerTests {
    @Test(
        "It does not crash, every caller hears something by its timeout, and all is well again afterwards",
        arguments: 1...2 as ClosedRange<UInt64>)
    func nonsense(seed: UInt64) async throws {
        let fuzz = Fuzz(SeededGenerator(seed: seed))
        try await check("seed \(seed)", atLeast: 50) { reply in fuzz.mutated(reply) }
    }

    @Test("Each number of each reply may be at the ends of what is computed with")
    func extremes() async throws {
        let turns = Turns()
        try await check("extremes", atLeast: 80) { reply in
            let (position, number) = turns.next().quotientAndRemainder(dividingBy: ReplyFuzz.numbers.count)
            return reply.replacing(position % max(1, reply.numbers), with: ReplyFuzz.numbers[number])
        }
    }

    private func check(
        _ name: String, atLeast minimum: Int, _ change: @escaping @Sendable (RedisValue) -> RedisValue
    ) async throws {
        let clock = ManualClock.exact()
        let ledger = GarbledLedger(try await RecordedReplies.record(), MemoryLedger { clock.microseconds }, change)
        var configuration = RateCoordinator.Configuration()
        configuration.timeToLive = .seconds(1)
        let coordinator = RateCoordinator(
            clientID: "test", plan: .keapOAuth, ledger: Ledger(ledger), configuration: configuration,
            logger: LogCollector().logger("coordinator"), clock: clock)
        let run = Task { try await coordinator.run() }
        let counts = Counts()
        let callers = (0..<4).map { _ in Task { await Self.call(coordinator, clock, counts) } }
        for _ in 0..<1_200 where ledger.count <= 4 * minimum { await pass(.milliseconds(50), clock) }
        let (leases, errors, longest) = counts.all.withLock { $0 }
        print(
            "\(name): \(ledger.count) changed replies, \(leases) leases, \(errors) errors, longest wait \(longest)"
        )
        #expect(ledger.count > minimum && leases > 0)
        #expect(longest <= .seconds(6))
        ledger.heal()
        for _ in 0..<200 { await pass(.milliseconds(100), clock) }
        #expect(counts.all.withLock { $0.leases } > leases + 20, "they are served again")
        for caller in callers { caller.cancel() }
        coordinator.shutdown()
        for _ in 0..<50 { await pass(.milliseconds(100), clock) }
        for caller in callers { await caller.value }
        try await run.value
    }

    @Test("A hold that an operator ends early is over for callers whose timeout is shorter than what was left of it")
    func resumed() async throws {
        let clock = ManualClock.exact()
        let ledger = MemoryLedger { clock.microseconds }
        let coordinator = RateCoordinator(
            clientID: "test", plan: .keapOAuth, ledger: Ledger(ledger), logger: LogCollector().logger("coordinator"),
            clock: clock)
        let run = Task { try await coordinator.run() }
        let counts = Counts()
        let caller = Task { await Self.call(coordinator, clock, counts) }
        for _ in 0..<20 { await pass(.milliseconds(100), clock) }
        try await ledger.hold(for: .seconds(3_600), in: coordinator.group)
        for _ in 0..<20 { await pass(.milliseconds(100), clock) }
        try await ledger.hold(for: nil, in: coordinator.group)
        let before = counts.all.withLock { $0.leases }
        for _ in 0..<100 { await pass(.milliseconds(100), clock) }
        #expect(counts.all.withLock { $0.leases } > before)
        caller.cancel()
        coordinator.shutdown()
        for _ in 0..<50 { await pass(.milliseconds(100), clock) }
        await caller.value
        try await run.value
    }

    private func pass(_ span: Duration, _ clock: ManualClock) async { await clock.advance(by: span) }

    private final class Fuzz: Sendable {
        private let fuzz: Mutex<ReplyFuzz>
        init(_ random: SeededGenerator) { fuzz = Mutex(ReplyFuzz(random: random)) }
        func mutated(_ reply: RedisValue) -> RedisValue { fuzz.withLock { $0.mutated(reply) } }
    }

    private final class Turns: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    private final class Counts: Sendable {
        let all = Mutex((leases: 0, errors: 0, longest: Duration.zero))
    }

    private static func call(_ coordinator: RateCoordinator, _ clock: ManualClock, _ counts: Counts) async {
        while !Task.isCancelled {
            let begin = clock.now
            do throws(RateLimitError) {
                let lease = try await coordinator.acquire(timeout: .seconds(2))
                counts.all.withLock { $0.leases += 1 }
                _ = lease.complete(VendorReading(status: 200))
            } catch {
                counts.all.withLock { $0.errors += 1 }
                try? await clock.sleep(for: .milliseconds(10))
            }
            let waited = begin.duration(to: clock.now)
            counts.all.withLock { $0.longest = max($0.longest, waited) }
        }
    }
}
