// SPDX-License-Identifier: Apache-2.0

import RedisClient
import RedisTestServer
import Testing

@Suite("A connection to a real Redis", .tags(.threads, .memory))
struct RedisConnectionTests {
    @Test("Answers of every kind arrive as what they are")
    func kinds() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        #expect(try await redis.send(RedisCommand("PING")) == .status("PONG"))
        #expect(try await redis.send(RedisCommand("GET", "missing")) == .null)
        #expect(try await redis.send(RedisCommand("INCRBY", "n", "-41")) == .integer(-41))
        #expect(try await redis.send(RedisCommand("ECHO", "")) == .bulk([]))
        var binary = RedisCommand("ECHO")
        binary.append([0, 13, 10, 255])
        #expect(try await redis.send(binary) == .bulk([0, 13, 10, 255]))
        var number = RedisCommand("ECHO")
        number.append(Int64.min)
        #expect(try await redis.send(number) == .bulk(Array("-9223372036854775808".utf8)))
        let nested = RedisCommand("EVAL", "return {1, {2, {'three', false}}, redis.error_reply('BAD four')}", "0")
        #expect(
            try await redis.send(nested)
                == .array([
                    .integer(1), .array([.integer(2), .array([.bulk(Array("three".utf8)), .null])]), .error("BAD four"),
                ]))
    }

    @Test("An error answer is thrown as a server error, in the server's words")
    func refused() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        let error = await failure { try await redis.send(RedisCommand("NONSENSE")) }
        #expect(error?.code == .serverError)
        #expect(error?.message.hasPrefix("ERR unknown command") == true)
    }

    @Test("A script is called by its digest, and with its source once after a flush")
    func scripts() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        let script = RedisScript(source: Array("return {KEYS[1], ARGV[1], ARGV[2]}".utf8))
        var arguments = RedisArguments()
        arguments.append(integer: 7)
        arguments.append("seven")
        let expected = RedisValue.array(["k", "7", "seven"].map { .bulk(Array($0.utf8)) })
        for _ in 0..<2 {
            for _ in 0..<3 {
                #expect(try await redis.run(script, keys: ["k"], arguments: arguments) == expected)
            }
            try server.command("SCRIPT", "FLUSH")
        }
        let statistics = try server.command("INFO", "commandstats")
        #expect(statistics.contains("cmdstat_eval:calls=2,"))
        #expect(statistics.contains("cmdstat_evalsha:calls=6,"))
    }

    @Test("A large answer and a large command arrive whole")
    func large() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var command = RedisCommand("SET", "large")
        command.append(bytes)
        #expect(try await redis.send(command, timeout: .seconds(30)) == .status("OK"))
        let answer = try await redis.send(RedisCommand("GET", "large"), timeout: .seconds(30))
        #expect(answer == .bulk(bytes))
        var pushed = RedisCommand("RPUSH", "list")
        for index in 0..<50_000 { pushed.append(Int64(index)) }
        #expect(try await redis.send(pushed, timeout: .seconds(30)) == .integer(50_000))
        let list = try await redis.send(RedisCommand("LRANGE", "list", "0", "-1"), timeout: .seconds(30))
        #expect(list == .array((0..<50_000).map { .bulk(Array(String($0).utf8)) }))
    }

    @Test("Many tasks share the connection, and each gets its own answer")
    func manyTasks() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        await withTaskGroup(of: Int.self) { group in
            for task in 0..<64 {
                group.addTask {
                    var right = 0
                    for round in 0..<100 where await echoes(redis, "\(task)/\(round)") { right += 1 }
                    return right
                }
            }
            for await right in group { #expect(right == 100) }
        }
    }

    @Test("A socket file serves as well as a port")
    func unixSocket() async throws {
        var options = RedisTestServer.Options()
        options.usesUnixSocket = true
        options.password = "p@ss/word?#%"
        let server = try RedisTestServer(options)
        let redis = try connection(server)
        #expect(await echoes(redis, "through a file"))
        try server.restart()
        #expect(await eventually { await echoes(redis, "again") })
    }
}
