// SPDX-License-Identifier: Apache-2.0

/// Cuts a stream of Redis' protocol into whole messages: requests, or replies. A pure value.
///
/// What is no such message is passed on as it came, so that nothing stays back for ever.
public struct RESPScanner: Sendable {
    private var buffer: [UInt8] = []

    public init() {}

    /// Takes in what was received.
    public mutating func append(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

    /// The next whole message; nil where there is none yet.
    public mutating func next() -> [UInt8]? {
        guard !buffer.isEmpty else { return nil }
        var cursor = Cursor(bytes: buffer)
        let end: Int
        switch cursor.skipMessage() {
        case .whole: end = cursor.position
        case .unfinished: return nil
        case .garbage: end = buffer.count
        }
        let message = Array(buffer[..<end])
        buffer.removeFirst(end)
        return message
    }

    /// The words of a whole request; empty where it is none.
    public static func words(of request: [UInt8]) -> [[UInt8]] {
        var cursor = Cursor(bytes: request)
        guard let (kind, count) = cursor.header(), kind == UInt8(ascii: "*"), (0...1_000_000).contains(count) else {
            return []
        }
        var words: [[UInt8]] = []
        for _ in 0..<count {
            guard let (kind, length) = cursor.header(), kind == UInt8(ascii: "$"), length >= 0,
                cursor.position + length + 2 <= request.count
            else { return words }
            words.append(Array(request[cursor.position..<(cursor.position + length)]))
            cursor.position += length + 2
        }
        return words
    }

    private enum Outcome { case whole, unfinished, garbage }

    private struct Cursor {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        /// Goes past one message, however deep.
        mutating func skipMessage() -> Outcome {
            var due = 1
            while due > 0 {
                guard let lineEnd = bytes[position...].firstIndex(of: 0x0A) else { return .unfinished }
                let begin = position
                guard let (kind, number) = header() else { return .garbage }
                position = lineEnd + 1
                due -= 1
                switch kind {
                case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"): break
                case UInt8(ascii: "$"):
                    guard number >= 0 else { break }
                    position += number + 2
                    guard position <= bytes.count else {
                        position = begin
                        return .unfinished
                    }
                case UInt8(ascii: "*"): due += max(0, number)
                default: return .garbage
                }
            }
            return .whole
        }

        /// A line's kind and number (0 where it has none), and goes past it.
        mutating func header() -> (kind: UInt8, number: Int)? {
            guard position < bytes.count, let lineEnd = bytes[position...].firstIndex(of: 0x0A) else { return nil }
            let kind = bytes[position]
            let text = String(decoding: bytes[(position + 1)..<max(position + 1, lineEnd - 1)], as: UTF8.self)
            position = lineEnd + 1
            guard kind == UInt8(ascii: "$") || kind == UInt8(ascii: "*") else { return (kind, 0) }
            guard let number = Int(text), number <= 1 << 30 else { return nil }
            return (kind, number)
        }
    }
}
