// SPDX-License-Identifier: Apache-2.0

import struct Synchronization.Atomic

/// Numbers that name the calls of one ledger, so that an answer can say which call it is for.
///
/// They follow each other from a random beginning: another process' are others, should its answers ever come here.
struct CorrelationIDs: ~Copyable, Sendable {
    private let count = Atomic(UInt64.random(in: 0...Self.largest))

    /// Lua's numbers are doubles: exact up to 2^53.
    private static let largest: UInt64 = 1 << 52 - 1

    /// The next number, 0..<2^52.
    borrowing func next() -> Int64 {
        Int64(count.wrappingAdd(1, ordering: .relaxed).oldValue & Self.largest)
    }
}
