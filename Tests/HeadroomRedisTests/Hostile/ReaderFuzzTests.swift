// SPDX-License-Identifier: Apache-2.0

import HeadroomTesting
import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Bytes of any kind from a server", .tags(.memory), .timeLimit(.minutes(10)))
struct ReaderFuzzTests {
    @Test(
        "hiredis' reader gives replies, waits for more, or ends with a reason", arguments: 1...4 as ClosedRange<UInt64>)
    func bytes(seed: UInt64) async throws {
        let replies = try await RecordedReplies.record()
        let samples = [replies.join, replies.exchange, replies.fields].map(\.encoded)
        var fuzz = ByteFuzz(random: SeededGenerator(seed: seed))
        var (read, failed) = (0, 0)
        var reader = try SocketPairReader(maximumReplyBytes: 100_000)
        var sinceFresh = 0
        for _ in 0..<(FuzzSteps.count(4_000) / 4) {
            reader.send(fuzz.mutated(samples[fuzz.below(samples.count)]))
            sinceFresh += 1
            do {
                while try reader.next() != nil { read += 1 }
                // What waits for more swallows what follows.
                guard sinceFresh > 20 else { continue }
            } catch is ReadFailure {
                failed += 1
            }
            reader = try SocketPairReader(maximumReplyBytes: 100_000)
            sinceFresh = 0
        }
        #expect(read > 20 && failed > 20, "\(read) read, \(failed) failed")
    }

    @Test("An array of more elements than any answer has fails at its header, before memory is set aside for it")
    func hugeArray() throws {
        for count in ["262145", "100000000", "2147483647"] {
            var reader = try SocketPairReader()
            reader.send(Array("*\(count)\r\n:1\r\n".utf8))
            #expect(throws: ReadFailure.self, "\(count)") { _ = try reader.next() }
            var inner = try SocketPairReader()
            inner.send(Array("*2\r\n:1\r\n*\(count)\r\n".utf8))
            #expect(throws: ReadFailure.self, "\(count)") { _ = try inner.next() }
        }
        var reader = try SocketPairReader()
        reader.send(Array("*262144\r\n:1\r\n".utf8))
        #expect(try reader.next() == nil, "more than any answer has, and waited for")
    }

    @Test("What is read is what was sent", arguments: 1...2 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) async throws {
        let replies = try await RecordedReplies.record()
        var fuzz = ReplyFuzz(random: SeededGenerator(seed: seed))
        var reader = try SocketPairReader()
        for _ in 0..<(FuzzSteps.count(1_000) / 2) {
            let value = fuzz.mutated(replies.exchange)
            let bytes = value.encoded
            guard value.depth <= 7, bytes.count < 100_000 else { continue }
            reader.send(bytes)
            let answer = try #require(try reader.next())
            try #require(answer == value)
        }
    }
}

/// Changes, drops and adds a few bytes.
struct ByteFuzz {
    var random: SeededGenerator
    private static let marks = Array("$*:+-0123456789\r\n_,#(!=%~>|".utf8)

    mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: random.next() >> 33) % max(1, bound) }

    mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...below(4) {
            let position = below(bytes.count + 1)
            let byte = below(3) == 0 ? UInt8(below(256)) : Self.marks[below(Self.marks.count)]
            switch below(5) {
            case 0: bytes.insert(byte, at: position)
            case 1: bytes.removeSubrange(position..<min(bytes.count, position + below(8)))
            case 2: bytes.insert(contentsOf: bytes[..<min(bytes.count, below(60))], at: position)
            case 3: bytes.insert(contentsOf: Array(String(below(1 << below(16))).utf8), at: position)
            default: if position < bytes.count { bytes[position] = byte }
            }
        }
        return bytes
    }
}

extension RedisValue {
    /// How deep arrays are nested.
    fileprivate var depth: Int {
        guard case .array(let elements) = self else { return 0 }
        return 1 + (elements.map(\.depth).max() ?? 0)
    }
}
