// SPDX-License-Identifier: Apache-2.0

import HeadroomTesting
import Testing

@testable import RedisClient

@Suite("The pipeline of commands, as a pure value", .tags(.memory))
struct CommandPipelineTests {
    private let ping = RedisCommand("PING")
    private let size = 14

    @Test("A cancelled command in flight keeps its place, so that later replies are not shifted")
    func tombstone() {
        var pipeline = CommandPipeline<String>()
        let numbers = ["a", "b", "c"].map { pipeline.enqueue(ping, deadline: 100, $0) }
        send(&pipeline)
        #expect(pipeline.cancel(numbers[1])?.completion == "b")
        #expect(pipeline.cancel(numbers[1]) == nil)
        #expect(addressee(&pipeline) == .some("a"))
        #expect(addressee(&pipeline) == .some(nil))
        #expect(addressee(&pipeline) == .some("c"))
        #expect(addressee(&pipeline) == nil)
    }

    @Test("A command that ends before it is written is never written")
    func removed() {
        var pipeline = CommandPipeline<String>()
        let numbers = ["a", "b", "c"].map { pipeline.enqueue(RedisCommand($0), deadline: 100, $0) }
        let cancelled = pipeline.cancel(numbers[1])
        #expect(cancelled?.completion == "b" && cancelled?.mayRun == false)
        var buffer = WriteBuffer()
        pipeline.take(into: &buffer)
        #expect(String(decoding: buffer.bytes, as: UTF8.self) == "*1\r\n$1\r\na\r\n*1\r\n$1\r\nc\r\n")
        pipeline.didSend(buffer.remaining)
        #expect(addressee(&pipeline) == .some("a"))
        #expect(addressee(&pipeline) == .some("c"))
        #expect(pipeline.count == 0)
    }

    @Test("Removed commands at the end hold no place for long")
    func removedAtEnd() {
        var pipeline = CommandPipeline<String>()
        let number = pipeline.enqueue(ping, deadline: 100, "a")
        _ = pipeline.cancel(number)
        send(&pipeline)
        #expect(pipeline.count == 0)
        #expect(addressee(&pipeline) == nil)
    }

    @Test("At the end, only commands whose last byte was written may have run", arguments: 0...42)
    func drained(written: Int) {
        var pipeline = CommandPipeline<Int>()
        for index in 0..<3 { _ = pipeline.enqueue(ping, deadline: 100, index) }
        var buffer = WriteBuffer()
        pipeline.take(into: &buffer)
        for _ in 0..<written { pipeline.didSend(1) }
        _ = pipeline.enqueue(ping, deadline: 100, 3)
        let drained = pipeline.drain()
        #expect(drained.map(\.completion) == [0, 1, 2, 3])
        #expect(drained.map(\.wasSent) == (0..<4).map { written >= ($0 + 1) * size })
        #expect(pipeline.count == 0 && pipeline.unsent.isEmpty && addressee(&pipeline) == nil)
    }

    @Test("A reply that no written command waits for is none of ours")
    func unsolicited() {
        var pipeline = CommandPipeline<Int>()
        _ = pipeline.enqueue(ping, deadline: 100, 0)
        #expect(addressee(&pipeline) == nil)
        var buffer = WriteBuffer()
        pipeline.take(into: &buffer)
        pipeline.didSend(size - 1)
        #expect(addressee(&pipeline) == nil)
        pipeline.didSend(1)
        #expect(addressee(&pipeline) == .some(0))
    }

    @Test("A reply that cannot be a command's leaves it in its place, whether somebody waits for it or not")
    func outOfStep() {
        var pipeline = CommandPipeline<String>()
        let numbers = [Int64(7), 8].map { id in
            pipeline.enqueue(ping.expecting(.correlated(id)), deadline: 100, "\(id)")
        }
        send(&pipeline)
        _ = pipeline.cancel(numbers[0])
        for _ in 0..<2 {
            guard case .other = pipeline.reply(.array([.integer(1), .integer(8)])) else {
                Issue.record("taken for the reply to the command before")
                return
            }
        }
        guard case .command(nil) = pipeline.reply(.array([.integer(1), .integer(7)])) else {
            Issue.record("not taken for the reply that it is")
            return
        }
        #expect(pipeline.drain().map(\.completion) == ["8"])
    }

    @Test(
        "A reply fits what a command expects, or is an error",
        arguments: [
            (.any, [.null, .integer(1), .status("OK"), .bulk([]), .array([])]), (.status, [.status("OK")]),
            (.bulk, [.bulk([]), .bulk([0x37])]), (.echo("7"), [.bulk([0x37])]),
            (.array, [.array([]), .array([.integer(7)]), .array([.integer(7), .integer(8)])]),
            (.correlated(7), [.array([.integer(7)])]),
        ] as [(ExpectedAnswer, [RedisValue])])
    func expected(_ expected: ExpectedAnswer, fits: [RedisValue]) {
        let all: [RedisValue] = [
            .null, .integer(1), .integer(7), .status("OK"), .bulk([]), .bulk([0x37]), .array([]), .array([.integer(7)]),
            .array([.integer(7), .integer(8)]), .error("ERR"),
        ]
        for value in all {
            let isFitting = fits.contains(value) || value == .error("ERR") || expected == .any
            #expect(expected.fits(value) == isFitting, "\(value)")
        }
    }

    @Test("Deadlines end exactly the commands whose time has come")
    func expiry() {
        var pipeline = CommandPipeline<Int>()
        for (index, deadline) in [30, 10, 20].enumerated() {
            _ = pipeline.enqueue(ping, deadline: Int64(deadline), index)
        }
        #expect(pipeline.earliestDeadline == 10)
        #expect(pipeline.expire(now: 9).isEmpty)
        #expect(pipeline.expire(now: 10).map(\.completion) == [1])
        #expect(pipeline.earliestDeadline == 20)
        send(&pipeline)
        let expired = pipeline.expire(now: 40)
        #expect(expired.map(\.completion) == [0, 2])
        #expect(expired.map(\.mayRun) == [true, true])
        #expect(pipeline.earliestDeadline == .max)
        #expect(pipeline.count == 3)
    }

    @Test("A caller's own partial write leaves the rest, in order, to the next")
    func direct() {
        var pipeline = CommandPipeline<Int>()
        _ = pipeline.enqueue(ping, deadline: 100, 0)
        pipeline.didSendDirectly(5)
        let second = pipeline.enqueue(RedisCommand("X"), deadline: 100, 1)
        _ = pipeline.enqueue(RedisCommand("Y"), deadline: 100, 2)
        _ = pipeline.cancel(second)
        var buffer = WriteBuffer()
        pipeline.take(into: &buffer)
        let rest = buffer.withRemaining { String(decoding: $0, as: UTF8.self) }
        #expect(rest == "4\r\nPING\r\n" + "*1\r\n$1\r\nY\r\n")
        pipeline.didSend(buffer.remaining)
        #expect(addressee(&pipeline) == .some(0))
        #expect(addressee(&pipeline) == .some(2))
    }

    @Test("Whatever happens in whatever order, each command ends once and replies find theirs", arguments: 0..<40)
    func random(seed: UInt64) {
        var (generator, pipeline) = (SeededGenerator(seed: seed), CommandPipeline<Int>())
        var (wire, writer) = ([UInt8](), WriteBuffer())
        var (ended, numbers, clock) = ([Int: Int](), [UInt64](), Int64(0))
        func end(_ id: Int) { ended[id, default: 0] += 1 }
        for _ in 0..<2_000 {
            switch Int.random(in: 0..<12, using: &generator) {
            case 0..<5:
                let deadline = clock + Int64.random(in: 1...60, using: &generator)
                numbers.append(pipeline.enqueue(RedisCommand("\(numbers.count)"), deadline: deadline, numbers.count))
            case 5:
                if let number = numbers.randomElement(using: &generator), let (id, _) = pipeline.cancel(number) {
                    end(id)
                }
            case 6:
                clock += 7
                for (id, _) in pipeline.expire(now: clock) { end(id) }
            case 7 where writer.isEmpty && pipeline.count == 1 && !pipeline.unsent.isEmpty:
                let count = Int.random(in: 0...pipeline.unsent.remaining, using: &generator)
                wire += pipeline.unsent.withRemaining { Array($0.prefix(count)) }
                pipeline.didSendDirectly(count)
            case 7, 8:
                if writer.isEmpty { pipeline.take(into: &writer) }
                let count = Int.random(in: 0...writer.remaining, using: &generator)
                wire += writer.withRemaining { Array($0.prefix(count)) }
                writer.advance(count)
                pipeline.didSend(count)
            case 9 where Int.random(in: 0..<20, using: &generator) == 0:
                for (id, _) in pipeline.drain() { end(id) }
                (wire, writer) = ([], WriteBuffer())
            default:
                guard let answered = firstCommand(&wire) else { continue }
                guard let completion = addressee(&pipeline) else {
                    Issue.record("no command for the reply to \(answered)")
                    return
                }
                if let completion {
                    #expect(completion == answered)
                    end(completion)
                }
            }
        }
        for (id, _) in pipeline.drain() { end(id) }
        #expect(ended.count == numbers.count && ended.values.allSatisfy { $0 == 1 })
    }

    @Test("A cancellation finds its command, whichever of the two comes first")
    func handle() {
        let early = CommandHandle()
        let (none, isCancelled) = (early.cancel(), early.isCancelled)
        let isAssigned = early.assign(3)
        #expect(none == nil && isCancelled && !isAssigned)
        let late = CommandHandle()
        let (isAssignedLate, isCancelledLate) = (late.assign(3), late.isCancelled)
        let number = late.cancel()
        #expect(isAssignedLate && !isCancelledLate && number == 3)
    }

    // Takes the first whole command off the wire: `*1\r\n$<length>\r\n<number>\r\n`.
    private func firstCommand(_ wire: inout [UInt8]) -> Int? {
        let text = String(decoding: wire, as: UTF8.self)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        guard lines.count > 3 else { return nil }
        wire.removeFirst(lines[0].utf8.count + lines[1].utf8.count + lines[2].utf8.count + 6)
        return Int(lines[2])
    }

    /// Whose reply the next one is, where it is any that fits; nil: nobody's.
    private func addressee<Completion>(_ pipeline: inout CommandPipeline<Completion>) -> Completion?? {
        guard case .command(let completion) = pipeline.reply(.status("PONG")) else { return nil }
        return .some(completion)
    }

    private func send(_ pipeline: inout CommandPipeline<some Any>) {
        var buffer = WriteBuffer()
        pipeline.take(into: &buffer)
        pipeline.didSend(buffer.remaining)
    }
}
