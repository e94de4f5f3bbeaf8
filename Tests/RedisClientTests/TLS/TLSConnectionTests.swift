// SPDX-License-Identifier: Apache-2.0

#if TLS
import RedisClient
import RedisTestServer
import Testing

@Suite("A connection to Redis over TLS", .tags(.memory))
struct TLSConnectionTests {
    @Test("Many commands at once and large ones come back as they went")
    func large() async throws {
        let redis = try SecureRedis()
        let connection = try connection(redis.address())
        let sizes = [0, 1, 16_383, 16_384, 16_385, 100_000, 3_000_000]
        let echoed = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<140 {
                let text = String(repeating: "\(number % 10)", count: sizes[number % sizes.count])
                group.addTask { await echoes(connection, text) }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(echoed == 140)
    }

    @Test("A server that takes nothing for a while gets all of it later, in order")
    func full() async throws {
        let redis = try SecureRedis()
        let connection = try connection(redis.address()) { $0.maximumSilence = .seconds(60) }
        #expect(await echoes(connection, "in"))
        redis.server.pause()
        let texts = (0..<30).map { String(repeating: "\($0 % 10)", count: 1_000_000) }
        async let answers = withTaskGroup(of: Bool.self) { group in
            for text in texts { group.addTask { await echoes(connection, text) } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        // More than the sockets' buffers hold is on its way by now, or will be: either way all of it has to arrive.
        try await Task.sleep(for: .milliseconds(200))
        redis.server.resume()
        #expect(await answers == texts.count)
    }

    @Test("A certificate that is renewed, by another authority even, is taken without a restart of ours")
    func renewed() async throws {
        let redis = try SecureRedis()
        let connection = try connection(redis.address())
        #expect(await echoes(connection, "with the first"))
        let other = try SecureRedis()
        try other.replaceFiles(of: redis)
        try redis.server.restart()
        #expect(await eventually { await echoes(connection, "with the second") })
    }
}
#endif
