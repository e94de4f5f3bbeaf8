// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RedisClient

@Suite("What a cluster's nodes say")
struct RedirectionTests {
    @Test(
        "A redirection names the slot and the node",
        arguments: [
            ("MOVED 3999 127.0.0.1:6381", Redirection.Kind.moved, 3_999, "127.0.0.1:6381"),
            ("ASK 16383 node-1.example:1", .ask, 16_383, "node-1.example:1"),
            ("MOVED 0 ::1:6379", .moved, 0, "[::1]:6379"),
            ("MOVED 7 :6390", .moved, 7, "from:6390"),
        ])
    func reads(_ text: String, _ kind: Redirection.Kind, _ slot: Int, _ target: String) throws {
        let redirection = try #require(Redirection(text, from: "from"))
        #expect(redirection.kind == kind)
        #expect(redirection.slot.number == slot)
        #expect(redirection.target.description == target)
    }

    @Test(
        "What is none, or leads nowhere, is left alone",
        arguments: [
            "", "MOVED", "MOVED 1", "MOVED x h:1", "MOVED 16384 h:1", "MOVED -1 h:1", "MOVED 1 h", "MOVED 1 h:0",
            "MOVED 1 h:65536", "MOVED 1 h:x", "MOVED 1 ?:6379", "MOVED 1 a/b:1", "ERR no", "moved 1 h:1",
            "TRYAGAIN Multiple keys request during rehashing of slot",
        ])
    func ignores(_ text: String) { #expect(Redirection(text, from: "from") == nil) }

    private static func node(_ host: RedisValue, _ port: Int64) -> RedisValue {
        .array([host, .integer(port), .bulk(Array("id".utf8)), .array([])])
    }

    @Test("The slots' ranges are read, with hosts that are left out, unknown or malformed")
    func slots() throws {
        let answer = RedisValue.array([
            .array([
                .integer(0), .integer(5_460), Self.node(.bulk(Array("a".utf8)), 1),
                Self.node(.bulk(Array("b".utf8)), 2),
            ]),
            .array([.integer(5_461), .integer(9_000), Self.node(.null, 3)]),
            .array([.integer(9_001), .integer(9_001), Self.node(.bulk([]), 4)]),
            .array([.integer(9_002), .integer(9_002), Self.node(.bulk(Array("?".utf8)), 5)]),
            .array([.integer(9_003), .integer(9_003), Self.node(.bulk(Array("c".utf8)), 70_000)]),
        ])
        let slots = try #require(ClusterSlots(answer, from: "asked"))
        let masters = [0, 5_460, 5_461, 9_001, 9_002, 9_003, 16_383].map { number in
            HashSlot(number).flatMap { slots.master(of: $0)?.description }
        }
        #expect(masters == ["a:1", "a:1", "asked:3", "asked:4", nil, nil, nil])
        #expect(slots.nodes.map(\.description) == ["a:1", "b:2", "asked:3", "asked:4"])
    }

    @Test("Answers of another form are none")
    func malformed() {
        let node = Self.node(.bulk(Array("h".utf8)), 1)
        for row in [
            [], [node, node, node], [.integer(-1), .integer(3), node], [.integer(4), .integer(3), node],
            [.integer(0), .integer(16_384), node], [.integer(0), .integer(1)],
        ] as [[RedisValue]] {
            #expect(ClusterSlots(.array([.array(row)]), from: "h") == nil, "\(row)")
        }
        #expect(ClusterSlots(.status("OK"), from: "h") == nil)
        #expect(ClusterSlots(.array([.integer(1)]), from: "h")?.nodes == [])
    }
}
