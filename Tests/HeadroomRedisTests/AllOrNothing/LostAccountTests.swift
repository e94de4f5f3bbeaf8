// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@Suite("Permits and limits beyond the loss of any key", .tags(.servers), .serialized, .timeLimit(.minutes(10)))
struct LostAccountTests {
    private let server: RedisTestServer
    private let redis: RedisConnection
    private let time = SettableTime()

    init() throws {
        server = try RedisTestServer()
        redis = try connection(server)
    }

    /// Does something for every key of an account in which a member has permits, each time from the same state.
    private func forEachKey(
        members: Int, permits: Int, asFunctions: Bool, _ body: (String, inout Crew) async throws -> Void
    ) async throws {
        if asFunctions { try await Functions.load(server) }
        var crew = try Crew(RedisLedger(redis) { [time] in time.now }, time, count: members)
        try await crew.settleDown()
        try await crew.learn(0)
        try await crew.exchange(0, [Want(priority: .interactive, count: permits)])
        try #require(crew.members[0].permits[nil] == permits)
        let (before, now) = (try await StoredKeys(redis), time.now)
        #expect(before.keys.isEmpty == false)
        for key in before.keys {
            var other = crew
            try await body(key, &other)
            try await before.restore(to: redis)
            time.advance(by: .microseconds(now - time.now))
        }
    }

    /// What a member is granted of a want for nearly the whole window.
    private func granted(_ index: Int, of count: Int, _ crew: inout Crew) async throws -> Int {
        try await crew.learn(index)
        try await crew.rest()
        try await crew.exchange(index, [Want(priority: .interactive, count: count)])
        return crew.members[index].permits[nil] ?? 0
    }

    @Test(
        "An instance whose account is lost again and again has its permits once, and gives them back once",
        arguments: Functions.choices)
    func once(asFunctions: Bool) async throws {
        try await forEachKey(members: 2, permits: 40, asFunctions: asFunctions) { key, crew in
            for _ in 0..<3 {
                _ = try await redis.send(RedisCommand("DEL", key))
                try await crew.settleDown()
                #expect(try await crew.problems() == [], "\(key)")
            }
            try await crew.exchange(0, unused: [nil: 40])
            try await crew.rest()
            #expect(try await granted(1, of: Crew.capacity, &crew) == Crew.capacity, "\(key)")
        }
    }

    @Test(
        "What an instance has that is gone when its account is lost is free again after a while",
        arguments: Functions.choices)
    func gone(asFunctions: Bool) async throws {
        try await forEachKey(members: 2, permits: 80, asFunctions: asFunctions) { key, crew in
            _ = try await redis.send(RedisCommand("DEL", key))
            crew.gone = [0]
            for _ in 0..<2 { try await crew.rest() }
            #expect(try await granted(1, of: Crew.capacity, &crew) == Crew.capacity, "\(key)")
        }
    }

    @Test("A tenant that comes after a loss has its limits", arguments: Functions.choices)
    func tenant(asFunctions: Bool) async throws {
        try await forEachKey(members: 1, permits: 10, asFunctions: asFunctions) { key, crew in
            _ = try await redis.send(RedisCommand("DEL", key))
            let tenant = Tenant("new")
            for _ in 0..<4 {
                try await crew.exchange(0, [Want(tenant: tenant, priority: .interactive, count: 80)])
                #expect(crew.members[0].permits[tenant] ?? 0 <= Crew.tenantCapacity, "\(key)")
            }
            #expect(try await crew.problems(of: tenant) == [], "\(key)")
        }
    }
}
