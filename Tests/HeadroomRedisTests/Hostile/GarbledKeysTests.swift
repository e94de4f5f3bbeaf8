// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@testable import HeadroomRedis

@Suite("An account that somebody changed by hand", .serialized, .timeLimit(.minutes(10)))
struct GarbledKeysTests {
    /// A group with an account in use: a window, a day, a tenant, an instance, permits out.
    private static func populate(_ server: RedisTestServer) async throws -> Account {
        try server.command("FLUSHALL")
        let time = SettableTime()
        let account = try Account(RedisLedger(try connection(server)) { time.now })
        let tenant = try #require(Tenant("ab123"))
        try await account.join()
        for _ in 0..<2 {
            try await account.exchange { request in
                request.settlements = [Settlement(tenant: tenant, spent: 5, accepted: 5)]
                request.wants = [Want(tenant: tenant, count: 3)]
            }
            time.advance(by: .milliseconds(260))
        }
        try await account.exchange { $0.settlements = [Settlement(tenant: tenant, spent: 5, accepted: 5)] }
        return account
    }

    /// The fields of an account, and its key. None if the key is gone or of another type.
    private static func fields(_ redis: RedisConnection) async throws -> (key: String, fields: [[UInt8]: [UInt8]]) {
        let stored = try await StoredKeys(redis)
        guard let key = stored.keys.first, case .hash(let fields)? = stored.contents[key] else { return ("", [:]) }
        return (key, fields)
    }

    private static func garble(
        _ key: String, _ field: [UInt8], _ bytes: [UInt8], _ redis: RedisConnection, _ fuzz: inout ByteFuzz
    ) async throws {
        let kind = fuzz.below(12)
        var command = RedisCommand(kind == 0 ? "HDEL" : "HSET", key)
        command.append(field)
        if kind > 0 { command.append(kind == 1 ? [] : fuzz.mutated(bytes)) }
        _ = try await redis.send(command)
    }

    @Test(
        "Every field of it, garbled: an error that says so or a sound answer, in time, and the server lives",
        arguments: [1, 2] as [UInt64])
    func everyField(seed: UInt64) async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        // What functions keep in mind of an account they need not read.
        if seed % 2 == 0, ServerProgram.hasFunctions { try await Functions.load(server) }
        var fuzz = ByteFuzz(random: SeededGenerator(seed: seed))
        _ = try await Self.populate(server)
        let (key, fields) = try await Self.fields(redis)
        #expect(fields.count >= 8)
        var outcomes: [String: Int] = [:]
        for field in fields.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let account = try await Self.populate(server)
            for round in 0..<16 {
                guard let bytes = try await Self.fields(redis).fields[field] else { continue }
                try await Self.garble(key, field, bytes, redis, &fuzz)
                for outcome in await Self.outcomes(account) {
                    outcomes[outcome, default: 0] += 1
                    let name = String(decoding: field, as: UTF8.self)
                    #expect(!outcome.contains("in time"), "\(name), round \(round) of seed \(seed)")
                }
            }
            // Whoever deletes the group's key begins anew.
            _ = try await Self.populate(server)
        }
        print("seed \(seed): \(outcomes.sorted { $0.value > $1.value }.prefix(12))")
        #expect(server.processID != nil)
        #expect(outcomes["answered", default: 0] > 10 && outcomes.count > 1)
    }

    @Test(
        "A roster with more pieces than any has: the account is a lost one, for a status, for whoever joins and in time",
        arguments: ["instancePieces", "tenantPieces"])
    func pieces(number: String) async throws {
        let server = try RedisTestServer()
        let account = try await Self.populate(server)
        let redis = try connection(server)
        let (key, fields) = try await Self.fields(redis)
        // Behind the version, the epoch and the number of limits.
        let before = AccountRecords.settings.fields.prefix { $0.name != number }.reduce(9) { $0 + $1.number.length }
        var group = try #require(fields[Array("group".utf8)])
        group.replaceSubrange(before..<before + 4, with: [UInt8](repeating: 255, count: 4))
        var command = RedisCommand("HSET", key, "group")
        command.append(group)
        _ = try await redis.send(command)
        let error = await #expect(throws: LedgerError.self) {
            _ = try await account.ledger.status(tenants: [], in: account.group)
        }
        #expect(error?.message.contains("a part of the account in \(key)") == true, "\(String(describing: error))")
        // One that was here before, as it says: it is looked for in the roster.
        let request = JoinRequest(
            instance: try #require(InstanceID("other")), settings: LedgerSettings(plan: .keapOAuth), proposedEpoch: 8,
            knownEpoch: 7)
        #expect(try await account.ledger.join(request, in: account.group).isNew)
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
            let key = try #require(try await StoredKeys(redis).keys.first)
            #expect(
                await eventually {
                    bench.log.lines.contains { $0.contains("unreadable account") && $0.contains(key) }
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
