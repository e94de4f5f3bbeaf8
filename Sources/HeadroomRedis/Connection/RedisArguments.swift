// SPDX-License-Identifier: Apache-2.0

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

    package mutating func append(_ argument: some Collection<UInt8>) {
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
