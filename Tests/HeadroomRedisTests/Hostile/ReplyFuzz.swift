// SPDX-License-Identifier: Apache-2.0

import HeadroomRedis
import HeadroomTesting
import RedisClient

/// Changes a real reply in a few places: other kinds, other numbers, too few or too many elements, nesting.
struct ReplyFuzz {
    var random: SeededGenerator

    /// Numbers at the ends of what is computed with.
    static let numbers: [Int64] = [
        0, 1, -1, 2, 3, 240, 1 << 31, 1 << 32, 1 << 52, 1 << 53, (1 << 53) + 1, -(1 << 53), .max, .min, .max - 1,
        .max / 1_000,
        1_000_000_000, 60_000_000,
    ]
    private static let texts = [
        "", " ", "a", "throttle", "spike", "THROTTLE", "{}", "ab123", "é", "\0", "-1", "1e9", "nan",
    ]

    private mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: random.next() >> 33) % max(1, bound) }

    /// One to three changes, anywhere.
    mutating func mutated(_ value: RedisValue) -> RedisValue {
        var result = value
        for _ in 0...below(3) { change(&result) }
        return result
    }

    private mutating func change(_ value: inout RedisValue) {
        guard case .array(var elements) = value, !elements.isEmpty, below(6) > 0 else { return value = other(value) }
        // Deeper as a rule: most of a reply is there.
        let index = below(elements.count)
        switch below(12) {
        case 0: elements.remove(at: index)
        case 1: elements.insert(elements[below(elements.count)], at: index)
        case 2: elements.insert(any(), at: index)
        case 3: elements.removeSubrange(index...)
        case 4: elements.swapAt(index, below(elements.count))
        case 5: elements += Array(repeating: elements[index], count: below(300))
        default: change(&elements[index])
        }
        value = .array(elements)
    }

    private mutating func other(_ value: RedisValue) -> RedisValue {
        switch (value, below(4)) {
        case (.integer(let number), 0): .integer(number &+ Int64(below(5)) &- 2)
        case (.integer(let number), 1): .integer(number &* Int64(below(2_000)) &- 1_000)
        case (.integer, 2): .integer(Self.numbers[below(Self.numbers.count)])
        case (.bulk(let bytes), 0): .bulk(Array(bytes.dropLast(below(9))))
        case (.bulk(let bytes), 1): .bulk(below(4) == 0 ? bytes + bytes : flipped(bytes))
        case (.bulk(let bytes), 2): value.replacing(below(bytes.count), with: Self.numbers[below(Self.numbers.count)])
        case (_, 3): .array([value])
        default: any()
        }
    }

    private mutating func flipped(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if !bytes.isEmpty { bytes[below(bytes.count)] = UInt8(below(256)) }
        return bytes
    }

    private mutating func any() -> RedisValue {
        switch below(9) {
        case 0: .null
        case 1: .integer(Int64(bitPattern: random.next()))
        case 2: .integer(Self.numbers[below(Self.numbers.count)])
        case 3: .status("OK")
        case 4: .bulk(Array(Self.texts[below(Self.texts.count)].utf8))
        case 5: .bulk((0..<below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        case 6: .error("ERR wrong")
        case 7: (0..<below(40)).reduce(.integer(1)) { inner, _ in .array([inner]) }
        default: .array((0..<below(4)).map { _ in .integer(Int64(below(1_000))) })
        }
    }
}

extension RedisValue {
    /// The value in the form in which Redis sends it.
    var encoded: [UInt8] {
        switch self {
        case .null: Array("$-1\r\n".utf8)
        case .integer(let number): Array(":\(number)\r\n".utf8)
        case .status(let text): Array("+\(text)\r\n".utf8)
        case .error(let text): Array("-\(text)\r\n".utf8)
        case .bulk(let bytes): Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
        case .array(let elements): Array("*\(elements.count)\r\n".utf8) + elements.flatMap(\.encoded)
        }
    }
}

extension RedisValue {
    /// How many numbers may be in it, at any depth: packed ones may begin at any byte.
    var numbers: Int {
        switch self {
        case .integer: 1
        case .bulk(let bytes): max(0, bytes.count - 7)
        case .array(let elements): elements.reduce(0) { $0 + $1.numbers }
        default: 0
        }
    }

    /// The same with another number at a position, counted over all depths from 0.
    func replacing(_ position: Int, with number: Int64) -> RedisValue {
        switch self {
        case .integer: return position == 0 ? .integer(number) : self
        case .bulk(var bytes):
            guard position + 8 <= bytes.count else { return self }
            let pattern = Double(number).bitPattern.littleEndian
            bytes.replaceSubrange(position..<position + 8, with: withUnsafeBytes(of: pattern) { Array($0) })
            return .bulk(bytes)
        case .array(var elements):
            var rest = position
            for index in elements.indices {
                let count = elements[index].numbers
                if (0..<count).contains(rest) { elements[index] = elements[index].replacing(rest, with: number) }
                rest -= count
            }
            return .array(elements)
        default: return self
        }
    }
}
