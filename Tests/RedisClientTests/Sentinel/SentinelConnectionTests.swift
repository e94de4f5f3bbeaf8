// SPDX-License-Identifier: Apache-2.0

import RedisClient
import RedisTestServer
import Testing

@Suite("A connection to a master that sentinels name", .tags(.threads), .serialized)
struct SentinelConnectionTests {
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

    @Test("A service that no sentinel knows is named in the error")
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
