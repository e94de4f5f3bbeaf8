// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import RedisClient
import RedisTestServer
import Testing

@Suite("A master that sentinels name", .tags(.threads), .serialized)
struct SentinelTests {
    private func load(_ address: String, _ group: String) throws -> ExchangeLoad {
        try ExchangeLoad(RedisLedger(address, timeout: .milliseconds(500)), group: group)
    }

    @Test("When the master is killed, exchanges go on at the one that is chosen, and nothing is counted twice")
    func failover() async throws {
        let setup = try SentinelTestSetup()
        let load = try load(setup.address(), "failover")
        let before = try setup.namedPort()
        var untilNamed = Duration.zero
        var (replicated, answered) = (0, 0)
        let counts = try await ExchangeLoad.run([load]) {
            #expect(await load.awaitAnswers(50))
            replicated = load.now.answered
            try setup.servers[0].awaitReplicas(2, key: "probe")
            let killed = ContinuousClock.now
            setup.servers[0].kill()
            answered = load.now.answered
            let isNamed = await eventually {
                setup.sentinels.indices.contains { [nil, before].contains(try? setup.namedPort(by: $0)) == false }
            }
            #expect(isNamed)
            untilNamed = ContinuousClock.now - killed
            #expect(await load.awaitAnswers(50))
        }[0]
        #expect(before == setup.servers[0].port)
        // The sentinels take what they take; finding whom they named is bounded by the longest pause, twice.
        #expect(counts.longestGap < untilNamed + .seconds(2) + counts.noise)
        // What the old master had answered and not yet passed on is lost with it.
        let spent = try #require(try await load.spent())
        #expect(counts.answered - (answered - replicated)...counts.answered ~= Int(spent), "\(spent) of \(counts)")
        print(
            "A sentinel failover: \(counts.longestGap) without service, named after \(untilNamed), \(counts), \(spent) spent"
        )
    }

    @Test("A master that stood still while another was chosen is not used again")
    func paused() async throws {
        let setup = try SentinelTestSetup()
        let old = setup.servers[0]
        let load = try load(setup.address(), "paused")
        var callsBefore: [String] = []
        var (replicated, answered) = (0, 0)
        let counts = try await ExchangeLoad.run([load]) {
            #expect(await load.awaitAnswers(50))
            replicated = load.now.answered
            try old.awaitReplicas(2, key: "probe")
            old.pause()
            answered = load.now.answered + 1
            #expect(await load.awaitAnswers(51))
            #expect(try setup.namedPort(by: 1) != old.port)
            old.resume()
            callsBefore = try Self.scriptCalls(old)
            #expect(await load.awaitAnswers(200))
            // Until the sentinels have made a replica of it, it takes itself for the master.
            #expect(await eventually { (try? old.words("ROLE").first) == "slave" })
            #expect(await load.awaitAnswers(200))
        }[0]
        #expect(try Self.scriptCalls(old) == callsBefore && !callsBefore.isEmpty)
        let spent = try #require(try await load.spent())
        #expect(counts.answered - (answered - replicated)...counts.answered ~= Int(spent), "\(spent) of \(counts)")
        #expect(counts.longestGap < .seconds(12) + counts.noise)
        print("A master paused: \(counts.longestGap) without service, \(counts)")
    }

    private static func scriptCalls(_ server: RedisTestServer) throws -> [String] {
        let lines = try server.command("INFO", "commandstats").split(separator: "\r\n")
        let calls = lines.filter { $0.hasPrefix("cmdstat_fcall:") || $0.hasPrefix("cmdstat_evalsha:") }
        return calls.map { String($0.prefix { $0 != "," }) }
    }

    @Test("A master made a replica by hand: its error makes the connection ask again")
    func demoted() async throws {
        let setup = try SentinelTestSetup(replicas: 1, sentinels: 1)
        let load = try load(setup.address(), "demoted")
        let (old, new) = (setup.servers[0], setup.servers[1])
        let counts = try await ExchangeLoad.run([load]) {
            #expect(await load.awaitAnswers(50))
            _ = try new.words("REPLICAOF", "NO", "ONE")
            try setup.rename(to: new.port ?? 0)
            _ = try old.words("REPLICAOF", "127.0.0.1", "\(new.port ?? 0)")
            #expect(await load.awaitAnswers(50))
        }[0]
        #expect(counts.failures["unavailable READONLY", default: 0] >= 1, "\(counts)")
        #expect(try new.command("CLIENT", "LIST").contains("name=headroom "))
        #expect(counts.longestGap < .seconds(5) + counts.noise)
        print("A master demoted by hand: \(counts.longestGap) without service, \(counts)")
    }
}
