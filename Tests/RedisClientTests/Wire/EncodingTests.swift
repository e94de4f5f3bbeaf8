// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import RedisClient

@Suite("Commands in the form in which they travel", .tags(.memory))
struct EncodingTests {
    @Test("A command is an array of strings, numbers in decimal")
    func command() {
        var command = RedisCommand("SET", "ключ")
        command.append([0, 255])
        command.append(Int64(-120))
        var bytes: [UInt8] = []
        command.encode(into: &bytes)
        #expect(
            bytes == Array("*4\r\n$3\r\nSET\r\n$8\r\nключ\r\n$2\r\n".utf8) + [0, 255] + Array("\r\n$4\r\n-120\r\n".utf8)
        )
    }

    @Test(
        "A number's length is that of its digits",
        arguments: [0, 9, 10, 99, 100, -1, -9, -10, 1_000_000, .max, .min] as [Int64])
    func number(_ number: Int64) {
        var bytes: [UInt8] = []
        bytes.appendBulk(number)
        #expect(String(decoding: bytes, as: UTF8.self) == "$\(String(number).utf8.count)\r\n\(number)\r\n")
    }

    @Test(
        "The digest is the standard's",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        ])
    func digest(_ text: String, _ expected: String) {
        #expect(RedisScript(source: Array(text.utf8)).sha1 == expected)
    }

    @Test("A script's calls carry digest or source, the keys and their number, and the arguments")
    func script() {
        let script = RedisScript(source: Array("return 1".utf8))
        var arguments = RedisArguments()
        arguments.append("x")
        #expect(
            script.call(keys: ["a", "b"], arguments: arguments)
                == RedisCommand("EVALSHA", script.sha1, "2", "a", "b", "x"))
        #expect(
            script.callWithSource(keys: [], arguments: arguments) == RedisCommand("EVAL", "return 1", "0", "x"))
    }
}
