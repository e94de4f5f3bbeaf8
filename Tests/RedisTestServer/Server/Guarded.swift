// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A value behind a lock.
final class Guarded<Value>: @unchecked Sendable {
    // Sendable: the value is touched only under the lock.
    private let lock = NSLock()
    private var value: Value

    init(_ value: sending Value) { self.value = value }

    func with<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
