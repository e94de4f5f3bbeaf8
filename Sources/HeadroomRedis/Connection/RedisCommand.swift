// SPDX-License-Identifier: Apache-2.0

/// A command: its name and arguments in one buffer, in the form in which they travel.
package struct RedisCommand: Sendable, Hashable {
    package private(set) var parts: RedisArguments
    /// What its answer looks like. Default: anything.
    package private(set) var expected = ExpectedAnswer.any

    /// A command of these words.
    package init(_ parts: String...) {
        self.parts = RedisArguments(capacity: parts.reduce(0) { $0 + $1.utf8.count + 8 })
        for part in parts { self.parts.append(part) }
    }

    init(_ parts: RedisArguments) {
        self.parts = parts
    }

    /// The same command, whose answer looks like this.
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

    package mutating func append(_ bytes: some Collection<UInt8>) {
        parts.append(bytes)
    }

    /// Writes the whole command behind what is in the buffer.
    func encode(into buffer: inout [UInt8]) {
        buffer.appendArrayHeader(parts.count)
        buffer.append(contentsOf: parts.bytes)
    }
}
