// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@Suite("A key that is lost, whichever and whenever", .tags(.servers), .serialized, .timeLimit(.minutes(10)))
struct LostKeyTests {
    /// How a key goes: by itself, or with all others.
    enum Way: String, CaseIterable, Sendable {
        case deleted, expired, flushed
    }

    private let server: RedisTestServer
    private let redis: RedisConnection
    private let time = SettableTime()
    private let ledger: RedisLedger

    init() throws {
        server = try RedisTestServer()
        redis = try connection(server)
        ledger = RedisLedger(redis) { [time] in time.now }
    }

    private func lose(_ key: String, _ way: Way) async throws {
        switch way {
        case .deleted: _ = try await redis.send(RedisCommand("DEL", key))
        case .flushed: _ = try await redis.send(RedisCommand("FLUSHALL"))
        case .expired:
            _ = try await redis.send(RedisCommand("PEXPIRE", key, "1"))
            #expect(await eventually { (try? await redis.send(RedisCommand("EXISTS", key))) == .integer(0) })
        }
    }

    private func crew(_ asFunctions: Bool) async throws -> Crew {
        if asFunctions { try await Functions.load(server) }
        var crew = try Crew(ledger, time)
        for index in crew.alive { try await crew.exchange(index) }
        return crew
    }

    /// Tries something at every so-many-th step of a run, as often as there are keys, each time from the same state.
    private func atEveryKey(
        steps: Int, every stride: Int, asFunctions: Bool, _ body: (Int, String, inout Crew) async throws -> [String]
    ) async throws -> (tries: Int, problems: [String]) {
        var crew = try await crew(asFunctions)
        var (tries, problems) = (0, [String]())
        for step in 0..<steps {
            if try await crew.step() { problems.append("step \(step): lost without a cause") }
            guard step % stride == 0 else { continue }
            let (before, now) = (try await StoredKeys(redis), time.now)
            for key in before.keys {
                var other = crew
                let found = try await body(step, key, &other)
                tries += 1
                if !found.isEmpty { problems.append("step \(step), \(key): \(found.joined(separator: ", "))") }
                try await before.restore(to: redis)
                time.advance(by: .microseconds(now - time.now))
            }
        }
        #expect(crew.granted > steps / 3, "only \(crew.granted) permits granted")
        #expect(crew.excesses == [])
        return (tries, problems)
    }

    private func expectNone(_ result: (tries: Int, problems: [String]), _ what: String) {
        print("\(what): \(result.problems.count) of \(result.tries) lost keys did harm")
        #expect(result.tries > 5)
        #expect(result.problems.isEmpty, "\(result.problems.prefix(5).joined(separator: "\n"))")
    }

    @Test(
        "The next exchange of anybody notices, and a heartbeat later the account is whole", arguments: Way.allCases,
        Functions.choices)
    func noticed(_ way: Way, asFunctions: Bool) async throws {
        let steps = way == .expired ? 24 : 120
        let result = try await atEveryKey(steps: steps, every: 2, asFunctions: asFunctions) { step, key, crew in
            try await lose(key, way)
            let isNoticed = try await crew.exchange(step / 2 % crew.members.count)
            try await crew.settleDown()
            let problems = try await crew.problems()
            return (isNoticed ? [] : ["not noticed"]) + problems
        }
        expectNone(result, "\(way)")
    }

    @Test("No tenant is without limits, also one that comes later", arguments: Functions.choices)
    func tenants(asFunctions: Bool) async throws {
        let result = try await atEveryKey(steps: 30, every: 3, asFunctions: asFunctions) { _, key, crew in
            try await lose(key, .deleted)
            try await crew.settleDown()
            let tenant = try await crew.wantForNewcomer()
            let granted = crew.members[0].permits[tenant] ?? 0
            return try await crew.problems(of: tenant) + (granted > 1 ? ["\(granted) granted to a newcomer"] : [])
        }
        expectNone(result, "a tenant that comes later")
    }

    @Test("After a window of rest nothing is left of it: no permits, no demand, no calls", arguments: Functions.choices)
    func leaks(asFunctions: Bool) async throws {
        let result = try await atEveryKey(steps: 60, every: 10, asFunctions: asFunctions) { _, key, crew in
            try await lose(key, .deleted)
            try await crew.settleDown()
            try await crew.rest()
            return try await crew.problems()
        }
        expectNone(result, "after a window of rest")
    }

    @Test(
        "An instance that is gone when the account is lost leaves nothing outstanding for ever",
        arguments: Functions.choices)
    func gone(asFunctions: Bool) async throws {
        let result = try await atEveryKey(steps: 60, every: 6, asFunctions: asFunctions) { step, key, crew in
            try await lose(key, .deleted)
            crew.gone = [step / 6 % crew.members.count]
            let permits = crew.lostPermits
            for _ in 0..<4 {
                try await crew.settleDown()
                time.advance(by: .milliseconds(1_100))
            }
            try await crew.settleDown()
            // What it spent before the others cannot know; its permits may count as spent.
            let spent = crew.gone.reduce(0) { $0 + crew.members[$1].spent.reduce(0) { $0 + $1.count } }
            return try await crew.problems(expired: permits + spent)
        }
        expectNone(result, "beside an instance that is gone")
    }

    @Test(
        "Keys that are lost again and again in one run: never more than the limits, and grants go on",
        arguments: Functions.choices)
    func runs(asFunctions: Bool) async throws {
        var (crew, problems, lost) = (try await crew(asFunctions), [String](), 0)
        for step in 0..<400 {
            if try await crew.step() { try await crew.settleDown() }
            guard step % 10 == 9, let key = try await StoredKeys(redis).keys.randomElement() else { continue }
            let granted = crew.granted
            try await lose(key, .deleted)
            lost += 1
            try await crew.settleDown()
            problems += try await crew.problems().map { "step \(step), \(key): \($0)" }
            for _ in 0..<6 where try await crew.step() { try await crew.settleDown() }
            if crew.granted == granted { problems.append("step \(step), \(key): nothing granted since") }
        }
        print("\(lost) keys lost in one run: \(problems.count) problems, \(crew.granted) granted, \(crew.excesses)")
        #expect(problems.isEmpty, "\(problems.prefix(5).joined(separator: "\n"))")
        #expect(crew.excesses == [])
    }
}
