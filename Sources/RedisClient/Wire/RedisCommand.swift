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
