// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RedisClient

@Suite("Which sentinel is asked, and what it says", .tags(.threads))
struct SentinelDirectoryTests {
    private static func endpoint(_ host: String) -> RedisEndpoint { RedisEndpoint(host: host, port: 1) }
    private static let (a, b, c, d) = (endpoint("a"), endpoint("b"), endpoint("c"), endpoint("d"))

    private var directory = SentinelDirectory([a, b])

    @Test("The one that helped is asked first, the one that did not is asked last")
    mutating func order() {
        directory.prefer(Self.b)
        #expect(directory.order == [Self.b, Self.a])
        directory.avoid(Self.b)
        #expect(directory.order == [Self.a, Self.b])
        directory.prefer(Self.c)
        #expect(directory.order == [Self.a, Self.b])
    }

    @Test("Learned ones come and go; those of the address stay")
    mutating func learning() {
        directory.learn([Self.b, Self.c], from: Self.a)
        #expect(directory.order == [Self.a, Self.b, Self.c])
        directory.learn([Self.d], from: Self.c)
        #expect(directory.order == [Self.a, Self.b, Self.c, Self.d])
        directory.learn([Self.d, Self.d], from: Self.a)
        #expect(directory.order == [Self.a, Self.b, Self.d])
    }

    @Test("However many a sentinel names, few are remembered")
    mutating func bounded() {
        directory.learn((0..<1_000).map { Self.endpoint("h\($0)") }, from: Self.a)
        #expect(directory.order.count == 2 + SentinelDirectory.mostLearned)
        #expect(directory.order.contains(Self.b))
    }

    private static func texts(_ words: String...) -> RedisValue { .array(words.map { .bulk(Array($0.utf8)) }) }

    @Test("The master and the others are read")
    func answers() throws {
        var inquiry = SentinelInquiry("m")
        #expect(try inquiry.judge(0, Self.texts("10.0.0.1", "6380")) == nil)
        let others = RedisValue.array([
            Self.texts("name", "x", "ip", "b", "port", "1", "flags", "sentinel"), Self.texts("ip", "port", "port", "1"),
            Self.texts("ip", "c", "port", "0"), .null, Self.texts("ip"),
        ])
        #expect(try inquiry.judge(1, others) == nil)
        #expect(inquiry.master == RedisEndpoint(host: "10.0.0.1", port: 6_380))
        #expect(inquiry.others == [Self.b, Self.endpoint("port")])
    }

    @Test(
        "What names no master is an error that says why",
        arguments: [
            (RedisValue.null, "it knows no service 'm'"), (.error("NOPERM no"), "it answered with an error (NOPERM)"),
            (texts("10.0.0.1", "x"), "no host and port"), (texts("a b", "1"), "no host and port"),
            (texts("10.0.0.1"), "like a sentinel"), (.status("OK"), "like a sentinel"),
        ])
    func errors(_ answer: RedisValue, _ words: String) {
        var inquiry = SentinelInquiry("m")
        let error = #expect(throws: RedisError.self) { try inquiry.judge(0, answer) }
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }
}
