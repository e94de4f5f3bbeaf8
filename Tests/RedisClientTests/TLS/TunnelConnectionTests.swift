// SPDX-License-Identifier: Apache-2.0

import RedisClient
import RedisTestServer
import Testing

@Suite("A connection through a tunnel to a Redis that wants TLS", .tags(.memory))
struct TunnelConnectionTests {
    @Test("A certificate of the wrong host or a stranger's authority is not accepted; the error says where to look")
    func refuses() async throws {
        let redis = try SecureRedis("DNS:other.test")
        let stranger = try TestAuthority()
        let tunnels = [
            try TestTunnel(to: redis.port, expecting: "redis.test", from: redis.authority),
            try TestTunnel(to: redis.port, expecting: "other.test", from: stranger),
        ]
        for tunnel in tunnels {
            let redis = try connection("redis://127.0.0.1:\(tunnel.port)")
            let error = await failure { try await redis.send(RedisCommand("PING")) }
            #expect(error?.code == .unavailable && error?.mayHaveRun == false)
            #expect(
                error?.message.contains("if a tunnel listens there, its log says why") == true,
                "\(String(describing: error))")
            #expect(tunnel.log.contains("certificate verify failed"), "\(tunnel.log)")
        }
        #expect(try redis.server.command("INFO", "commandstats").contains("cmdstat_auth") == false)
    }

    @Test("A Redis behind the tunnel that is gone, then a tunnel that is gone: errors say so, and both are found again")
    func gone() async throws {
        let redis = try SecureRedis("DNS:redis.test")
        let tunnel = try TestTunnel(to: redis.port, expecting: "redis.test", from: redis.authority)
        let plain = try connection("redis://127.0.0.1:\(tunnel.port)")
        #expect(await echoes(plain, "there"))
        redis.server.kill()
        let isNamed = await eventually {
            await failure { try await plain.send(RedisCommand("PING")) }?.message.contains("its log says why") == true
        }
        #expect(isNamed)
        try redis.server.restart()
        #expect(await eventually { await echoes(plain, "again") })
        tunnel.kill()
        let isRefused = await eventually {
            await failure { try await plain.send(RedisCommand("PING")) }?.message.contains("Connection refused") == true
        }
        #expect(isRefused)
    }

    @Test("A Redis that wants TLS, asked without, is named as one that may want it")
    func withoutTunnel() async throws {
        let redis = try SecureRedis()
        let plain = try connection("redis://127.0.0.1:\(redis.port)")
        let error = await failure { try await plain.send(RedisCommand("PING")) }
        #expect(error?.code == .unavailable && error?.mayHaveRun == false)
        #expect(
            error?.message.contains("a server that wants TLS is rediss://") == true, "\(String(describing: error))")
    }
}
