// SPDX-License-Identifier: Apache-2.0

import Headroom
import RedisTestServer
import Testing

@testable import HeadroomRedis

@Suite("A master that sentinels name", .serialized)
struct SentinelTests {
    private func load(_ address: String, _ group: String) throws -> ExchangeLoad {
        try ExchangeLoad(RedisLedger(RedisAddress(address), timeout: .milliseconds(500)), group: group)
    }

    @Test("When the master is killed, exchanges go on at the one that is chosen, and nothing is counted twice")
    func failover() async throws {
        let setup = try SentinelTestSetup()
        let load = try load(setup.address(), "failover")
        let before = try setup.namedPort()
        var untilNamed = Duration.zero
        let counts = try await ExchangeLoad.run([load]) {
            #expect(await load.awaitAnswers(50))
            let killed = ContinuousClock.now
            setup.servers[0].kill()
            let isNamed = await eventually {
                setup.sentinels.indices.contains { [nil, before].contains(try? setup.namedPort(by: $0)) == false }
            }
            #expect(isNamed)
            untilNamed = ContinuousClock.now - killed
            #expect(await load.awaitAnswers(50))
        }[0]
        #expect(before == setup.servers[0].port)
        // The sentinels take what they take; finding whom they named is bounded by the longest pause, twice.
        #expect(counts.longestGap < untilNamed + .seconds(2))
        // What the old master had answered and not yet passed on is lost with it: an exchange or two.
        let spent = try #require(try await load.spent())
        #expect(Int64(counts.answered) - 2...Int64(counts.answered) ~= spent, "\(spent) of \(counts)")
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
        let counts = try await ExchangeLoad.run([load]) {
            #expect(await load.awaitAnswers(50))
            old.pause()
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
        #expect(counts.longestGap < .seconds(12))
        let spent = try #require(try await load.spent())
        #expect(Int64(counts.answered) - 2...Int64(counts.answered) ~= spent, "\(spent) of \(counts)")
        print("A master paused: \(counts.longestGap) without service, \(counts)")
    }

    private static func scriptCalls(_ server: RedisTestServer) throws -> [String] {
        let lines = try server.command("INFO", "commandstats").split(separator: "\r\n")
        let calls = lines.filter { $0.hasPrefix("cmdstat_fcall:") || $0.hasPrefix("cmdstat_evalsha:") }
        return calls.map { String($0.prefix { $0 != "," }) }
    }

    @Test("A master made a replica by hand: its refusal makes the connection ask again")
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
        #expect(counts.longestGap < .seconds(5))
        #expect(try new.command("CLIENT", "LIST").contains("name=headroom "))
        print("A master demoted by hand: \(counts.longestGap) without service, \(counts)")
    }

    @Test("A sentinel learned from another serves when that one is gone")
    func learned() async throws {
        let setup = try SentinelTestSetup(replicas: 1, sentinels: 3)
        let redis = try connection(setup.address(0..<1))
        #expect(await echoes(redis, "by the first"))
        setup.sentinels[0].kill()
        try setup.servers[0].command("CLIENT", "KILL", "TYPE", "normal")
        #expect(await eventually { await echoes(redis, "by another") })
        let stranger = try connection(setup.address(0..<1))
        let error = await failure { try await stranger.send(RedisCommand("PING")) }
        #expect(error?.code == .unavailable && error?.mayHaveRun == false)
        #expect(
            error?.message.contains("no sentinel names the master of 'headroom'") == true,
            "\(String(describing: error))")
    }

    @Test("Sentinels that are down, stand still or know nothing of the service are passed over")
    func passedOver() async throws {
        let setup = try SentinelTestSetup(replicas: 0, sentinels: 2)
        let ignorant = try SentinelTestSetup(replicas: 0, sentinels: 1)
        _ = try ignorant.sentinels[0].words("SENTINEL", "REMOVE", SentinelTestSetup.service)
        setup.sentinels[0].pause()
        let ports = [try FreePort.find(), ignorant.sentinels[0].port ?? 0] + setup.sentinels.map { $0.port ?? 0 }
        let hosts = ports.map { "127.0.0.1:\($0)" }.joined(separator: ",")
        let redis = try connection("redis+sentinel://\(hosts)/headroom/1") { $0.connectTimeout = .milliseconds(800) }
        #expect(await eventually { await echoes(redis, "found") })
        setup.sentinels[0].resume()
    }

    @Test("A sentinel that names a master that is gone does not keep the others from being asked")
    func misled() async throws {
        let setup = try SentinelTestSetup(replicas: 0, sentinels: 2)
        try setup.rename(to: try FreePort.find(), by: 0..<1)
        let redis = try connection(setup.address())
        #expect(await eventually { await echoes(redis, "found") })
    }

    @Test("A service that no sentinel knows is told with its name")
    func unknownService() async throws {
        let setup = try SentinelTestSetup(replicas: 0, sentinels: 1)
        let address = "redis+sentinel://127.0.0.1:\(setup.sentinels[0].port ?? 0)/other"
        let error = await failure { try await connection(address).send(RedisCommand("PING")) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("it knows no service 'other'") == true, "\(String(describing: error))")
    }

    @Test("A server that sentinels name and that is no master is not used")
    func notAMaster() async throws {
        let setup = try SentinelTestSetup(replicas: 1, sentinels: 1)
        // From now on the sentinel names a replica, until it has found out what that is.
        try setup.rename(to: setup.servers[1].port ?? 0)
        #expect(try setup.namedPort() == setup.servers[1].port)
        let error = await failure { try await connection(setup.address()).send(RedisCommand("PING")) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("was named as a master and is none") == true, "\(String(describing: error))")
    }

    @Test("Servers and sentinels have passwords of their own, and no error shows one")
    func passwords() async throws {
        let setup = try SentinelTestSetup(replicas: 1, sentinels: 1, password: "s3cret", sentinelPassword: "sent1nel")
        let redis = try connection(setup.address(login: ":s3cret@", query: "?sentinel-password=sent1nel"))
        #expect(await echoes(redis, "in"))
        let cases = [
            ("", "?sentinel-password=sent1nel", "wants a password"), (":s3cret@", "", "?sentinel-password="),
            (":wr0ng@", "?sentinel-password=sent1nel", "WRONGPASS"),
            (":s3cret@", "?sentinel-password=wr0ng", "WRONGPASS"),
        ]
        for (login, query, words) in cases {
            let wrong = try connection(setup.address(login: login, query: query))
            let text = await failure { try await wrong.send(RedisCommand("PING")) }.map { "\($0)" } ?? "no error"
            #expect(text.contains(words), "\(text)")
            #expect(!text.contains("s3cret") && !text.contains("wr0ng") && !text.contains("sent1nel"))
        }
    }
}
