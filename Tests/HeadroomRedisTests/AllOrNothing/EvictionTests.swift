// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@Suite("A Redis that evicts keys for want of memory", .serialized, .timeLimit(.minutes(10)))
struct EvictionTests {
    private let server: RedisTestServer
    private let redis: RedisConnection
    private let time = SettableTime()

    init() throws {
        server = try RedisTestServer()
        redis = try connection(server)
    }

    /// A figure of INFO.
    private func info(_ name: String) throws -> Int {
        let line = try server.command("INFO").split(separator: "\r\n").first { $0.hasPrefix(name + ":") }
        return try #require(line.flatMap { Int($0.dropFirst(name.count + 1)) })
    }

    private func set(_ policy: String, most memory: Int) async throws {
        _ = try await redis.send(RedisCommand("CONFIG", "SET", "maxmemory-policy", policy))
        _ = try await redis.send(RedisCommand("CONFIG", "SET", "maxmemory", "\(memory)"))
    }

    /// Somebody else's keys, which take all the memory there is. Without times to live: not evicted under `volatile`.
    private func fill(_ round: Int) async {
        for number in 0..<12 {
            let text = String(repeating: "x", count: 4_000)
            _ = try? await redis.send(RedisCommand("SET", "filler:\(round):\(number)", text))
        }
    }

    private func empty() async throws {
        let script = "for _, key in ipairs(redis.call('KEYS', 'filler:*')) do redis.call('DEL', key) end"
        _ = try await redis.send(RedisCommand("EVAL", script, "0"))
    }

    @Test(
        "Several groups lose keys while they work: each account is whole again a heartbeat later, and no limit broken",
        arguments: ["volatile-lru", "volatile-random", "allkeys-lru", "allkeys-random"])
    func evicted(_ policy: String) async throws {
        let ledger = RedisLedger(redis) { [time] in time.now }
        // All share one clock: each hears of its members less often than it would by itself.
        var crews = try (0..<6).map {
            try Crew(
                ledger, time, group: "crew-\($0)", count: 3, seed: UInt64($0), timeToLive: .seconds(20))
        }
        for index in crews.indices { try await crews[index].settleDown() }
        var (problems, full) = ([String](), 0)
        for round in 0..<24 {
            try await set(policy, most: try info("used_memory") + 60_000)
            for turn in 0..<4 {
                await fill(4 * round + turn)
                for index in crews.indices {
                    do {
                        if try await crews[index].step() { try await crews[index].settleDown() }
                    } catch let error as LedgerError where error.message.contains("OOM") {
                        full += 1
                    }
                }
            }
            try await set(policy, most: 0)
            try await empty()
            for index in crews.indices {
                try await crews[index].settleDown()
                problems += try await crews[index].problems().map { "round \(round), crew \(index): \($0)" }
            }
        }
        let (losses, granted) = (crews.reduce(0) { $0 + $1.losses }, crews.reduce(0) { $0 + $1.granted })
        print(
            """
            \(policy): \(try info("evicted_keys")) keys evicted, instances not known \(losses) times, \(full) calls \
            without memory, \(granted) granted, \(problems.count) problems
            """)
        #expect(problems.isEmpty, "\(problems.prefix(5).joined(separator: "\n"))")
        #expect(crews.flatMap(\.excesses) == [])
        #expect(granted > 100)
        #expect(losses > 5, "no account was evicted: the test shows nothing")
    }
}
