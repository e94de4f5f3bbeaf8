// SPDX-License-Identifier: Apache-2.0

import RedisClient
import RedisTestServer
import Testing

@Suite("Logging in", .tags(.threads, .memory))
struct LoginTests {
    private func server(_ change: (inout RedisTestServer.Options) -> Void) throws -> RedisTestServer {
        var options = RedisTestServer.Options()
        change(&options)
        return try RedisTestServer(options)
    }

    @Test("The right password is let in; a wrong one and none are errors that say so, without the password")
    func password() async throws {
        let server = try server { $0.password = "s3cret" }
        #expect(await echoes(try connection(server), "in"))
        let wrong = try connection("redis://:wr0ng@127.0.0.1:\(server.port ?? 0)")
        let error = await failure { try await wrong.send(RedisCommand("PING")) }
        #expect(error?.code == .authentication && error?.mayHaveRun == false)
        #expect(error?.message.contains("WRONGPASS") == true)
        #expect(error?.message.contains("wr0ng") == false)
        let none = try connection("redis://127.0.0.1:\(server.port ?? 0)")
        let missing = await failure { try await none.send(RedisCommand("PING")) }
        #expect(missing?.code == .authentication)
        #expect(missing?.message.contains("wants a password") == true)
    }

    @Test("A password is tried again, and let in once the server takes it")
    func passwordChanges() async throws {
        let server = try server { $0.password = "first" }
        let redis = try connection("redis://:second@127.0.0.1:\(server.port ?? 0)")
        let error = await failure { try await redis.send(RedisCommand("PING")) }
        #expect(error?.code == .authentication)
        try server.command("ACL", "SETUSER", "default", ">second")
        #expect(await eventually { await echoes(redis, "in") })
    }

    @Test("A password for a server that has none is an error that says so")
    func needless() async throws {
        let server = try RedisTestServer()
        let redis = try connection("redis://:needless@127.0.0.1:\(server.port ?? 0)")
        let error = await failure { try await redis.send(RedisCommand("PING")) }
        #expect(error?.code == .authentication)
        #expect(error?.message.contains("has no password") == true && error?.message.contains("needless") == false)
    }

    @Test("A server that echoes the login's words in its error does not get them into ours")
    func renamed() async throws {
        let server = try server { $0.configLines = ["rename-command AUTH \"\""] }
        let redis = try connection("redis://me:s3cret@127.0.0.1:\(server.port ?? 0)")
        let error = await failure { try await redis.send(RedisCommand("PING")) }
        #expect(error?.code == .authentication)
        #expect(error.map { "\($0)".contains("s3cret") } == false)
    }

    @Test("A user of an ACL with few rights works with what it may do")
    func user() async throws {
        let server = try server {
            $0.aclLines = ["user default on nopass ~* +@all", "user me on >p%40ss ~headroom:* +get +set"]
        }
        let redis = try connection("redis://me:p%2540ss@127.0.0.1:\(server.port ?? 0)") { $0.clientName = "refused" }
        #expect(try await redis.send(RedisCommand("SET", "headroom:a", "1")) == .status("OK"))
        #expect(try await redis.send(RedisCommand("GET", "headroom:a")) == .bulk([UInt8(ascii: "1")]))
        let error = await failure { try await redis.send(RedisCommand("GET", "other")) }
        #expect(error?.code == .serverError && error?.message.hasPrefix("NOPERM") == true)
        let stranger = try connection("redis://you:p@127.0.0.1:\(server.port ?? 0)")
        let refused = await failure { try await stranger.send(RedisCommand("PING")) }
        #expect(refused?.code == .authentication && refused?.message.contains("'you'") == true)
    }

    @Test("The database of the address is the one in use, after a reconnection as well")
    func database() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server.address + "/3")
        #expect(try await redis.send(RedisCommand("SET", "k", "three")) == .status("OK"))
        try server.command("CLIENT", "KILL", "TYPE", "normal")
        #expect(await eventually { (try? await redis.send(RedisCommand("EXISTS", "k"))) == .integer(1) })
        #expect(try await connection(server).send(RedisCommand("EXISTS", "k")) == .integer(0))
    }

    @Test("A database that does not exist is named in the error")
    func noDatabase() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server.address + "/99")
        let error = await failure { try await redis.send(RedisCommand("PING")) }
        #expect(error?.code == .serverError && error?.mayHaveRun == false)
        #expect(error?.message.contains("99") == true && error?.message.contains("out of range") == true)
    }

    @Test("The client's name is set, with what Redis does not allow replaced")
    func name() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server) { $0.clientName = "head room\n1" }
        #expect(try await redis.send(RedisCommand("CLIENT", "GETNAME")) == .bulk(Array("head-room-1".utf8)))
    }

    @Test("A host's name is found")
    func hostName() async throws {
        let server = try RedisTestServer()
        #expect(await echoes(try connection("localhost:\(server.port ?? 0)"), "by name"))
    }
}
