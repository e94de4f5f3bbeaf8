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
