// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@Suite("Keys that somebody changed by hand", .serialized, .timeLimit(.minutes(10)))
struct GarbledKeysTests {
    /// A group with an account in use: a window, a day, a tenant, an instance, permits out.
    private static func populate(_ server: RedisTestServer) async throws -> Account {
        try server.command("FLUSHALL")
        let account = try Account(RedisLedger(try connection(server)))
        let tenant = try #require(Tenant("ab123"))
        try await account.join()
        for _ in 0..<2 {
            try await account.exchange { request in
                request.settlements = [Settlement(tenant: tenant, spent: 5, accepted: 5)]
                request.wants = [Want(tenant: tenant, count: 3)]
            }
            try await Task.sleep(for: .milliseconds(260))
        }
        try await account.exchange { $0.settlements = [Settlement(tenant: tenant, spent: 5, accepted: 5)] }
        return account
    }

    private static func keys(_ redis: RedisConnection) async throws -> [String] {
        guard case .array(let keys) = try await redis.send(RedisCommand("KEYS", "*")) else { throw Unexpected() }
        return keys.compactMap { if case .bulk(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil } }
            .sorted()
    }

    /// What is done to a key that holds this.
    private static func garble(
        _ key: String, _ redis: RedisConnection, _ fuzz: inout ByteFuzz
    ) async throws {
        let type = try await redis.send(RedisCommand("TYPE", key))
        switch (type, fuzz.below(4)) {
        case (_, 0):
            _ = try await redis.send(RedisCommand("DEL", key))
            let other = [["SET", key, "x"], ["HSET", key, "x", "y"], ["SADD", key, "x"]][fuzz.below(3)]
            _ = try await redis.send(command(other))
        case (.status("string"), _):
            guard case .bulk(let bytes) = try await redis.send(RedisCommand("GET", key)) else { throw Unexpected() }
            var set = RedisCommand("SET", key)
            set.append(fuzz.below(8) == 0 ? [] : fuzz.mutated(bytes))
            _ = try await redis.send(set)
        case (.status("hash"), _):
            guard case .array(let fields) = try await redis.send(RedisCommand("HGETALL", key)) else {
                throw Unexpected()
            }
            let index = fuzz.below(fields.count / 2) * 2
            guard case .bulk(let field) = fields[index], case .bulk(let bytes) = fields[index + 1] else {
                throw Unexpected()
            }
            var set = RedisCommand("HSET", key)
            set.append(field)
            set.append(fuzz.mutated(bytes))
            _ = try await redis.send(set)
        case (.status("zset"), _):
            let score = ["inf", "-inf", "0", "1e300"][fuzz.below(4)]
            _ = try await redis.send(RedisCommand("ZADD", key, score, ["nobody", "{", "a b", ""][fuzz.below(4)]))
        default: _ = try await redis.send(RedisCommand("DEL", key))
        }
    }

    private static func command(_ words: [String]) -> RedisCommand {
        var command = RedisCommand(words[0])
        for word in words.dropFirst() { command.append(word) }
        return command
    }

    @Test(
        "Every key of a group, garbled: an error that says so or a sound answer, in time, and the server lives",
        arguments: [1] as [UInt64])
    func everyKey(seed: UInt64) async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        var fuzz = ByteFuzz(random: SeededGenerator(seed: seed))
        _ = try await Self.populate(server)
        let names = try await Self.keys(redis)
        #expect(names.count == 1)
        var outcomes: [String: Int] = [:]
        for key in names {
            let account = try await Self.populate(server)
            for round in 0..<64 {
                guard try await Self.keys(redis).contains(key) else { continue }
                try await Self.garble(key, redis, &fuzz)
                for outcome in await Self.outcomes(account) {
                    outcomes[outcome, default: 0] += 1
                    #expect(!outcome.contains("in time"), "\(key), round \(round) of seed \(seed)")
                }
            }
            // Whoever deletes the group's keys begins anew.
            _ = try await Self.populate(server)
        }
        print("seed \(seed): \(outcomes.sorted { $0.value > $1.value }.prefix(12))")
        #expect(server.processID != nil)
        #expect(outcomes["answered", default: 0] > 10 && outcomes.count > 1)
    }

    /// How each operation ends: `answered`, or the beginning of its error.
    private static func outcomes(_ account: Account) async -> [String] {
        let tenants = [Tenant("ab123")].compactMap { $0 }
        let operations: [() async throws -> Void] = [
            { try await account.exchange { $0.wants = [Want(tenant: tenants[0], count: 2)] } },
            { _ = try await account.ledger.status(tenants: tenants, in: account.group) },
            { try await account.join() },
            { try await account.exchange { $0.settlements = [Settlement(tenant: tenants[0], spent: 1)] } },
            { try await account.ledger.hold(for: nil, in: account.group) },
        ]
        var outcomes: [String] = []
        for operation in operations {
            do {
                try await operation()
                outcomes.append("answered")
            } catch let error as LedgerError {
                outcomes.append(String("\(error)".prefix(64)))
            } catch {
                outcomes.append("unknown instance")
            }
        }
        return outcomes
    }

    @Test("A coordinator says what is wrong while the account cannot be read, and goes on once it can")
    func coordinator() async throws {
        let bench = try FaultBench()
        let load = try Load(2, bench, plan: .longWindow())
        try await load.run {
            #expect(await eventually { load.soFar.total > 50 })
            let redis = try connection(bench.server)
            // At once: what is deleted is soon there again.
            let script =
                "for _, k in ipairs(redis.call('KEYS', '*')) do redis.call('DEL', k) redis.call('SADD', k, 'x') end"
            _ = try await redis.send(RedisCommand("EVAL", script, "0"))
            let state = "headroom:2:{\(load.group.name)}"
            #expect(
                await eventually {
                    bench.log.lines.contains { $0.contains("unreadable account") && $0.contains(state) }
                })
            let outcomes = { bench.log.lines.count { $0.contains("The account cannot be used") } }
            #expect(await eventually { outcomes() == 2 })
            bench.proxy.follow { _ in nil }
            let begin = ContinuousClock.now
            try await Task.sleep(for: .milliseconds(1_500))
            let scripts = bench.proxy.scripts
            let seconds = Int(begin.duration(to: .now) / .seconds(1))
            #expect(scripts <= 2 * (seconds + 2), "each of the two repeats after a second or more")
            #expect(outcomes() == 2, "each of the two ledgers says it once a minute")
            try bench.server.command("FLUSHALL")
            let before = load.soFar.total
            #expect(await eventually { load.soFar.total > before + 100 })
        } check: { tally in
            try await load.expectExactAccount(tally, bench)
        }
    }
}
