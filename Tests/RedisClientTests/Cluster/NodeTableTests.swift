// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RedisClient

@Suite("Connections to a cluster's nodes")
struct NodeTableTests {
    private var table = NodeTable<Int>()
    private var made = 0

    private mutating func take(_ number: Int, at now: Int64) -> (connection: Int, left: [Int]) {
        let new = made
        let taken = table.connection(to: .tcp(host: "h", port: number), now: now) { new }
        if taken.connection == new { made += 1 }
        return taken
    }

    @Test("A place has one connection")
    mutating func one() {
        #expect(take(1, at: 0).connection == 0)
        #expect(take(2, at: 1).connection == 1)
        #expect(take(1, at: 2).connection == 0)
    }

    @Test("The one not used for longest makes room")
    mutating func crowded() {
        for number in 0..<NodeTable<Int>.most { _ = take(number + 1, at: Int64(number)) }
        _ = take(1, at: 1_000)
        #expect(take(1_000, at: 1_001).left == [1])
        #expect(table.count == NodeTable<Int>.most)
        #expect(take(1, at: 1_002).connection == 0)
    }

    @Test("One that nobody uses for a minute is let go of")
    mutating func idle() {
        let minute = NodeTable<Int>.idleTime
        _ = take(1, at: 0)
        _ = take(2, at: 0)
        #expect(take(2, at: minute / 2).left == [])
        #expect(take(2, at: minute).left == [0])
        #expect(table.count == 1)
    }
}
