// SPDX-License-Identifier: Apache-2.0

import RedisClient
import RedisTestServer
import Testing

@Suite("What a user needs to be allowed at a sentinel", .tags(.threads))
struct SentinelRightsTests {
    private static let needed = "+ping +sentinel|get-master-addr-by-name +sentinel|sentinels"

    private func sentinel(_ rights: String, of master: RedisTestServer) throws -> RedisTestServer {
        var options = RedisTestServer.Options()
        options.isSentinel = true
        options.configLines = [
            "sentinel monitor headroom 127.0.0.1 \(master.port ?? 0) 1",
            "user headroom-worker on >sent1nel resetchannels -@all \(rights)",
        ]
        return try RedisTestServer(options)
    }

    private func address(_ sentinel: RedisTestServer) -> String {
        "redis+sentinel://127.0.0.1:\(sentinel.port ?? 0)/headroom"
            + "?sentinel-user=headroom-worker&sentinel-password=sent1nel"
    }

    @Test("The rights that are documented are enough, and nothing else is asked for")
    func enough() async throws {
        let master = try RedisTestServer()
        let sentinel = try sentinel(Self.needed, of: master)
        #expect(await echoes(try connection(address(sentinel)), "in"))
        let denials = try sentinel.command("ACL", "LOG")
        #expect(denials.hasPrefix("*0"), "\(denials)")
        #expect(try sentinel.command("ACL", "LIST").contains("headroom-worker"))
    }

    @Test("Without the right to ask for the master there is no connection, and the error names it")
    func tooFew() async throws {
        let master = try RedisTestServer()
        let sentinel = try sentinel("+ping +sentinel|sentinels", of: master)
        let error = await failure { try await connection(address(sentinel)).send(RedisCommand("PING")) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("it answered with an error (NOPERM)") == true, "\(String(describing: error))")
        #expect(error?.message.contains("NOPERM") == true, "\(String(describing: error))")
        #expect(error?.message.contains("sent1nel") == false)
    }

    @Test("Without the rights to ping and to ask for other sentinels the master is found all the same")
    func fewer() async throws {
        let master = try RedisTestServer()
        let sentinel = try sentinel("+sentinel|get-master-addr-by-name", of: master)
        #expect(await echoes(try connection(address(sentinel)), "in"))
        #expect(try sentinel.command("ACL", "LOG").contains("sentinel|sentinels"))
    }
}
