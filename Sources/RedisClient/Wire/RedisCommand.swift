// SPDX-License-Identifier: Apache-2.0

/// A command: its name and arguments in one buffer, in the form in which they travel.
package struct RedisCommand: Sendable, Hashable {
    package private(set) var parts: RedisArguments
    /// The form of its answer. Default: any.
    package private(set) var expected = ExpectedAnswer.any

    /// A command of these words.
    package init(_ parts: String...) {
        self.parts = RedisArguments(capacity: parts.reduce(0) { $0 + $1.utf8.count + 8 })
        for part in parts { self.parts.append(part) }
    }

    init(_ parts: RedisArguments) {
        self.parts = parts
    }

    /// The same command, with an answer of this form.
    package consuming func expecting(_ answer: ExpectedAnswer) -> RedisCommand {
        expected = answer
        return self
    }

    package mutating func append(_ text: String) {
        parts.append(text)
    }

    /// Appends a number in decimal.
    package mutating func append(_ integer: Int64) {
        parts.append(integer: integer)
    }

    package mutating func append(_ bytes: [UInt8]) {
        parts.append(bytes)
    }

    /// Appends the whole command to a buffer.
    func encode(into buffer: inout [UInt8]) {
        buffer.appendArrayHeader(parts.count)
        buffer.append(contentsOf: parts.bytes)
    }
}

/// Arguments of a script, already in the form in which they travel.
package struct RedisArguments: Sendable, Hashable {
    package private(set) var count = 0
    package private(set) var bytes: [UInt8] = []

    /// No arguments yet.
    ///
    /// - Parameter capacity: bytes to set aside; about the length of all arguments and 6 more for each.
    package init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    package mutating func append(_ text: String) {
        bytes.appendBulk(text.utf8)
        count += 1
    }

    /// Appends a number in decimal.
    package mutating func append(integer: Int64) {
        bytes.appendBulk(integer)
        count += 1
    }

    package mutating func append(_ argument: [UInt8]) {
        bytes.appendBulk(argument)
        count += 1
    }

    /// Appends another's arguments.
    package mutating func append(_ others: RedisArguments) {
        bytes.append(contentsOf: others.bytes)
        count += others.count
    }

    /// Appends arguments that are in their travelling form already.
    mutating func append(encoded: [UInt8], count: Int) {
        bytes.append(contentsOf: encoded)
        self.count += count
    }
}

/// The form that the answer to a command has. An answer of another form is the one to another command: the connection
/// is out of step.
///
/// Redis' answers do not say which command they answer; only their order does. A proxy that repeats or swallows one
/// would shift all that follow, so that every command had the answer of another. A number that a script is given to
/// return (its correlation id) makes its answer certain. A command that returns nothing of what it was given is made
/// certain by one behind it that does: ``RedisConnection/sendProven(_:isAsking:)``.
package enum ExpectedAnswer: Sendable, Hashable {
    /// Anything.
    case any
    /// A word of the server's, such as `OK`.
    case status
    /// A string.
    case bulk
    /// This string, with which the command was called.
    case echo(String)
    /// An array.
    case array
    /// An array that ends with this number, with which the command was called: its correlation id.
    case correlated(Int64)

    /// Whether an answer may be the one. An error may be, always.
    func fits(_ answer: RedisValue) -> Bool {
        if case .error = answer { return true }
        return switch (self, answer) {
        case (.any, _), (.status, .status), (.bulk, .bulk), (.array, .array): true
        case (.echo(let text), .bulk(let bytes)): bytes == Array(text.utf8)
        case (.correlated(let id), .array(let elements)): elements.last == .integer(id)
        default: false
        }
    }
}

// The request side of Redis' protocol: `*<count>\r\n`, then `$<length>\r\n<bytes>\r\n` for each argument.
extension [UInt8] {
    mutating func appendLineEnd() {
        append(0x0D)
        append(0x0A)
    }

    /// Appends a number in decimal digits, without a string in between.
    mutating func appendDecimal(_ number: Int64) {
        var rest = number.magnitude
        if number < 0 { append(UInt8(ascii: "-")) }
        guard rest >= 10 else { return append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest)) }
        let start = count
        while rest > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit))
            rest = quotient
        }
        self[start...].reverse()
    }

    mutating func appendArrayHeader(_ count: Int) {
        append(UInt8(ascii: "*"))
        appendDecimal(Int64(count))
        appendLineEnd()
    }

    mutating func appendBulk(_ bytes: some Collection<UInt8>) {
        append(UInt8(ascii: "$"))
        appendDecimal(Int64(bytes.count))
        appendLineEnd()
        append(contentsOf: bytes)
        appendLineEnd()
    }

    mutating func appendBulk(_ number: Int64) {
        append(UInt8(ascii: "$"))
        appendDecimal(Int64(Self.decimalLength(number)))
        appendLineEnd()
        appendDecimal(number)
        appendLineEnd()
    }

    private static func decimalLength(_ number: Int64) -> Int {
        var (length, rest) = (number < 0 ? 2 : 1, number.magnitude)
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        return length
    }
}
