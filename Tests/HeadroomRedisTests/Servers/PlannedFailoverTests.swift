// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import RedisClient
import RedisTestServer
import Testing

/// `SENTINEL FAILOVER`: the old master runs on, and the sentinels make a replica of it only some ten seconds later.
@Suite("A planned failover", .tags(.threads), .serialized, .timeLimit(.minutes(10)))
struct PlannedFailoverTests {
    private let setup: SentinelTestSetup
    private let log = LogCollector()
    private let plan: Plan

    init() throws {
        setup = try SentinelTestSetup()
        let minute = try Limit(.throttle, capacity: 100_000, window: .rolling(.seconds(60)))
        plan = try Plan(
            name: "failover", productLimits: [Limit(.spike, capacity: 50, window: .paced(.seconds(1))), minute],
            tenantLimits: [minute])
    }

    private var old: RedisTestServer { setup.servers[0] }

    /// Coordinators that ask the sentinels. They do not expire while they are away from a master.
    private func load(_ count: Int) throws -> Load {
        let ledgers = try (0..<count).map { _ in RedisLedger(try connection(setup.address())) }
        return Load(ledgers, log, plan: plan) { $0.timeToLive = .seconds(30) }
    }

    private var isOldMaster: Bool { (try? old.words("ROLE").first) == "master" }

    /// How many calls of scripts a server has answered without an error.
    private static func scripts(_ server: RedisTestServer) throws -> Int {
        let lines = try server.command("INFO", "commandstats").split(separator: "\r\n")
        guard let line = lines.first(where: { $0.hasPrefix("cmdstat_evalsha:") }) else { return 0 }
        let figures = ["calls=", "failed_calls="].map { name in
            line.ranges(of: name).lazy.filter { line[..<$0.lowerBound].last != "_" || name != "calls=" }.first
                .flatMap { Int(line[$0.upperBound...].prefix { $0.isNumber }) } ?? 0
        }
        return figures[0] - figures[1]
    }

    @Test(
        "Clients of both masters: the new one counts every call once, and events say that it lacked reports",
        arguments: [false, true])
    func both(isGuarded: Bool) async throws {
        if isGuarded { try demandReplicas() }
        let load = try load(2)
        let subscribers = load.coordinators.map { coordinator in
            let events = coordinator.events()
            return Task {
                await events.reduce(into: [Int64]()) { reports, event in
                    if event.kind == .ledgerSetBack { reports.append(event.count ?? 0) }
                }
            }
        }
        var (others, new) = (CallTally(), nil as RedisTestServer?)
        try await load.run(callersEach: 2) {
            #expect(await eventually { load.soFar.total > 50 })
            let named = try setup.beginFailOver()
            new = named
            let (begin, before) = (ContinuousClock.now, (old: try Self.scripts(old), new: try Self.scripts(named)))
            let late = try self.load(2)
            try await late.run(callersEach: 2) {
                #expect(await eventually { isGuarded ? setBacks == 2 : !isOldMaster })
                let span = ContinuousClock.now - begin
                let (atOld, atNew) = (try Self.scripts(old) - before.old, try Self.scripts(named) - before.new)
                print("\(isGuarded ? "guarded" : "unguarded"): \(span) with two masters, \(atOld) and \(atNew) scripts")
                // Guarded, they leave the old master before the sentinels make a replica of it.
                #expect(isGuarded ? isOldMaster : atOld > 10 && atNew > 10)
                #expect(await eventually { setBacks == 2 })
                let calls = load.soFar.total
                #expect(await eventually { load.soFar.total > calls + 50 })
            } check: {
                others = $0
            }
        } check: { tally in
            var all = tally
            all.add(others)
            try await load.expectAccount(all, RedisLedger(try connection(try #require(new))), beyond: 0...0)
            print("\(tally.total) and \(others.total) calls, longest gap \(tally.longestGap), \(tally.failed)")
        }
        for subscriber in subscribers {
            let reports = await subscriber.value
            #expect(reports.count == 1 && reports[0] > 0, "\(reports)")
        }
    }

    /// How many coordinators have come from the old master to the new one.
    private var setBacks: Int { log.lines.count { $0.hasPrefix("warning") && $0.contains("an older copy of itself") } }

    /// A master without replicas takes no writes, as `deploy/redis.conf` advises.
    private func demandReplicas() throws {
        for server in setup.servers {
            try server.command("CONFIG", "SET", "min-replicas-max-lag", "5")
            try server.command("CONFIG", "SET", "min-replicas-to-write", "1")
        }
    }
}
