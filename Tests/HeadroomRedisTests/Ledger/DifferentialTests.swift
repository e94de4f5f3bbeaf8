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
    /// All of the account is read and compared after so many steps.
    static let stepsPerComparison = 5

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
        var operations = try RandomLedgerOperations(seed: seed)
        var (done, granted) = (0, 0)

        for step in 0..<Self.stepsPerSeed {
            let operation = operations.next()
            if case .advance(let span) = operation { time.advance(by: span) }
            let expected = try await operation.apply(to: memory, in: group)
            let answer = try await operation.apply(to: redis, in: group)
            let place = "after step \(step) of seed \(seed): \(operation)"
            guard answer == expected else { throw Difference(answer, expected, place) }
            if case .exchanged(.done(let exchange)) = answer {
                done += 1
                granted += exchange.grants.reduce(0) { $0 + $1.count }
            }
            operations.note(answer, of: operation)
            guard step % Self.stepsPerComparison == 0 else { continue }
            let whole = try await redis.account(of: group, tenants: .all)?.comparable(at: time.now)
            let wanted = try memory.state(of: group)?.comparable(at: time.now)
            guard whole == wanted else { throw Difference(whole, wanted, place) }
        }
        // The stream is worth something only if it reaches the account: most steps exchange, and permits are granted.
        #expect(done > Self.stepsPerSeed / 4)
        #expect(granted > Self.stepsPerSeed / 20, "only \(granted) permits in \(done) exchanges")
    }
}

/// What differs in two values, and where.
struct Difference: Error, CustomStringConvertible {
    let description: String

    init<Value>(_ left: Value, _ right: Value, _ place: String) {
        var (first, second) = ("", "")
        dump(left, to: &first)
        dump(right, to: &second)
        let lines = zip(first.split(separator: "\n"), second.split(separator: "\n")).filter {
            $0 != $1 && $0.count < 200
        }
        description = lines.prefix(12).map { "\($0) instead of \($1)" }.joined(separator: "; ") + ", " + place
    }
}
