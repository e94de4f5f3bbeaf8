// SPDX-License-Identifier: Apache-2.0

import Headroom

// Where the package's Mutex is the library's, its members are visible only with this import.
#if !HEADROOM_THREAD_SANITIZER
import Synchronization
#endif

/// A value that one thread at a time touches.
struct Locked<Value>: ~Copyable, Sendable {
    private let mutex: Mutex<Value>

    init(_ value: sending Value) { mutex = Mutex(value) }

    @inline(__always)
    borrowing func withLock<Result>(_ body: (inout sending Value) -> sending Result) -> sending Result {
        mutex.withLock(body)
    }
}
