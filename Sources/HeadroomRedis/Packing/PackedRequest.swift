// SPDX-License-Identifier: Apache-2.0

/// A request in the form in which the scripts read it: numbers as doubles of eight bytes, the lower first, texts with a
/// zero behind them. Lua has no other numbers; integers up to 2^53 are exact in them.
///
/// One argument instead of dozens: Redis would make a string of each, and the script a number of that.
package struct PackedRequest: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    package mutating func append(_ number: Int64) {
        withUnsafeBytes(of: Double(number).bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func append(_ number: Int) { append(Int64(number)) }

    /// Appends a text without zeros in it: an id, a tenant's or a limit's name.
    package mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
    }

    mutating func append<Element>(list: [Element], _ each: (inout PackedRequest, Element) -> Void) {
        append(list.count)
        for element in list { each(&self, element) }
    }
}
