// SPDX-License-Identifier: Apache-2.0

import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Commands through a real Redis Cluster", .tags(.threads), .serialized)
struct RedisRouterTests {
    @Test("ASKING goes right before its command, and only there, whatever else is on the connection")
    func asking() async throws {
        let setup = try ClusterTestSetup()
        let (tag, slot) = (try setup.tag(at: 0), try setup.slot(of: "{\(setup.tag(at: 0))}"))
        var options = RedisConnectionOptions(address: try RedisAddress(setup.address()))
        options.commandTimeout = .seconds(10)
        let router = RedisRouter(options: options)
        for number in 0..<20 { _ = try await set(router, "{\(tag)}:\(number)", "value") }
        try setup.beginMoving(slot, from: 0, to: 1)
        try setup.moveKeys(slot, from: 0, to: 1, most: 10)
        let neighbours = try (0..<8).map { _ in try setup.tag(at: 1) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<400 {
                group.addTask {
                    try await get(router, "{\(tag)}:\(number % 20)") == .bulk(Array("value".utf8))
                }
                group.addTask {
                    let key = "{\(neighbours[number % 8])}:n"
                    return try await set(router, key, "\(number)") == .status("OK")
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
        // Not asked, the target sends it back: so it was ASKING that let the others in.
        let target = try connection("redis://127.0.0.1:\(setup.port(1))")
        let moved = try setup.nodes[1].words("CLUSTER", "GETKEYSINSLOT", "\(slot)", "1")
        let error = await failure { try await target.send(RedisCommand("GET", moved.first ?? "")) }
        #expect(error?.message.hasPrefix("MOVED \(slot)") == true)
        let asked = try await target.send(RedisCommand("GET", moved.first ?? ""), isAsking: true)
        #expect(asked == .bulk(Array("value".utf8)))
        try setup.moveKeys(slot, from: 0, to: 1)
        try setup.endMoving(slot, to: 1)
        #expect(try await get(router, "{\(tag)}:0") == .bulk(Array("value".utf8)))
    }

    @Test("While a slot moves, a script on one key runs at either end, once for each call, and none has to be repeated")
    func movingKey() async throws {
        let setup = try ClusterTestSetup()
        let (tag, slot) = (try setup.tag(at: 0), try setup.slot(of: "{\(setup.tag(at: 0))}"))
        var options = RedisConnectionOptions(address: try RedisAddress(setup.address(1)))
        options.commandTimeout = .seconds(10)
        let router = RedisRouter(options: options)
        let script = RedisScript(source: Array("return redis.call('HINCRBY', KEYS[1], 'calls', 1)".utf8))
        let keys = (0..<6).map { "headroom:{\(tag)}\($0)" }
        var expected: Int64 = 0
        func callEach() async throws {
            expected += 1
            for key in keys {
                let answer = try await router.run(script, keys: [key], arguments: RedisArguments())
                #expect(answer == .integer(expected), "\(key)")
            }
        }
        try await callEach()
        for (source, target) in [(0, 1), (1, 2), (2, 0)] {
            try setup.beginMoving(slot, from: source, to: target)
            try await callEach()
            while try setup.moveKeys(slot, from: source, to: target, most: 1) > 0 { try await callEach() }
            // A key that is new in the middle of it is made where the slot will be.
            let new = RedisScript(source: Array("return redis.call('HSET', KEYS[1], 'a', 1)".utf8))
            let key = "{\(tag)}new\(source)"
            #expect(try await router.run(new, keys: [key], arguments: RedisArguments()) == .integer(1))
            #expect(try setup.nodes[target].words("CLUSTER", "COUNTKEYSINSLOT", "\(slot)") != ["0"])
            try setup.endMoving(slot, to: target)
            try await callEach()
        }
    }
}

@Suite("A server that is no node of a cluster", .tags(.servers))
struct SingleServerTests {
    private let script = RedisScript(source: Array("return redis.call('INCR', KEYS[1])".utf8))

    private func run(_ router: RedisRouter, _ times: Int) async throws {
        for number in 1...times {
            let answer = try await router.run(script, keys: ["k"], arguments: RedisArguments())
            #expect(answer == .integer(Int64(number)))
        }
    }

    @Test("It is asked once, and not taken for one")
    func asked() async throws {
        let server = try RedisTestServer()
        try await run(RedisRouter(connection(server)), 5)
        // Redis 6 counts a command without its subcommand.
        let calls = try server.command("INFO", "commandstats").split(whereSeparator: \.isNewline)
        let questions = calls.filter { $0.hasPrefix("cmdstat_cluster") }
        #expect(questions.count == 1 && questions.allSatisfy { $0.contains("calls=1,") }, "\(calls)")
    }

    @Test("A user that may not ask is served all the same")
    func forbidden() async throws {
        let server = try RedisTestServer()
        try server.command("ACL", "SETUSER", "default", "-cluster", "-readwrite")
        try await run(RedisRouter(connection(server)), 5)
    }

    @Test(
        "Whatever it answers to the question, its own scripts run there",
        arguments: [
            "+OK", "*0", "-ERR This instance has cluster support disabled", "-ERR unknown command 'cluster'", "$-1",
        ])
    func answers(answer: String) async throws {
        let (count, questions) = (Counter(), Counter())
        let server = try FakeServer { words in
            if words[0] == "CLUSTER" {
                questions.add()
                return answer
            }
            count.add()
            return ":\(count.value)"
        }
        try await run(RedisRouter(connection(server.address)), 5)
        #expect(questions.value == 1)
    }
}

private func get(_ router: RedisRouter, _ key: String) async throws(RedisError) -> RedisValue {
    try await router.route(key) { (connection, isAsking) throws(RedisError) in
        try await connection.send(RedisCommand("GET", key), isAsking: isAsking)
    }
}

private func set(_ router: RedisRouter, _ key: String, _ value: String) async throws(RedisError) -> RedisValue {
    try await router.route(key) { (connection, isAsking) throws(RedisError) in
        try await connection.send(RedisCommand("SET", key, value), isAsking: isAsking)
    }
}
