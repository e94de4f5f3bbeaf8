// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

/// The same random operations on the ledger in memory and on the one in Redis: every answer and every state must be
/// equal.
@Suite("Two ledgers, one arithmetic", .tags(.servers))
struct DifferentialTests {
    static let stepsPerSeed = 6_000

    @Test("Both answer alike and come to the same state", arguments: [1, 2, 3, 4] as [UInt64])
    func sameArithmetic(seed: UInt64) async throws {
        let server = try RedisTestServer()
        // Functions with one half of the seeds, scripts with the other.
        if seed % 2 == 0, ServerProgram.hasFunctions {
            _ = try await connection(server).loadLibrary(LedgerScript.library)
        }
        let time = SettableTime()
        let memory = MemoryLedger { time.now }
        let redis = RedisLedger(try connection(server)) { time.now }
        let group = try #require(BudgetGroup("differential"))
        let tenants = [Tenant("ab123"), Tenant("cd456"), Tenant("nobody")].compactMap { $0 }
        var operations = try RandomLedgerOperations(seed: seed)
        var (done, granted) = (0, 0)

        for step in 0..<Self.stepsPerSeed {
            let operation = operations.next()
            if case .advance(let span) = operation { time.advance(by: span) }
            let expected = try await operation.apply(to: memory, in: group)
            let answer = try await operation.apply(to: redis, in: group)
            try #require(answer == expected, "step \(step) of seed \(seed): \(operation)")
            if case .exchanged(.done(let exchange)) = answer {
                done += 1
                granted += exchange.grants.reduce(0) { $0 + $1.count }
            }
            operations.note(answer, of: operation)
            let (kept, shared) = (
                try await memory.status(tenants: tenants, in: group),
                try await redis.status(tenants: tenants, in: group)
            )
            try #require(
                shared == kept, "\(difference(shared, kept)), after step \(step) of seed \(seed): \(operation)")
        }
        // The stream is worth something only if it reaches the account: most steps exchange, and permits are granted.
        #expect(done > Self.stepsPerSeed / 4)
        #expect(granted > Self.stepsPerSeed / 20, "only \(granted) permits in \(done) exchanges")
    }

    /// The first parts that differ.
    private func difference(_ shared: LedgerStatus?, _ kept: LedgerStatus?) -> String {
        guard let shared, let kept else { return "one has no state" }
        for (left, right) in zip(shared.budgets, kept.budgets) {
            for (left, right) in zip(left.limits, right.limits) where left != right {
                return "\(left) instead of \(right)"
            }
            if left != right { return "\(left) instead of \(right)" }
        }
        for (left, right) in zip(shared.instances, kept.instances) where left != right {
            return "\(left) instead of \(right)"
        }
        return "\(shared) instead of \(kept)"
    }
}
