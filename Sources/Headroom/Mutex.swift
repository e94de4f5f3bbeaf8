// SPDX-License-Identifier: Apache-2.0

#if HEADROOM_THREAD_SANITIZER

// The slow path of Synchronization.Mutex is a futex that the thread sanitizer cannot see: it reports races that are none.
// Sanitizer builds (-DHEADROOM_THREAD_SANITIZER) use this one of the same shape, over a lock that it knows.
#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

package struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // Sendable: `value` is only touched between lock and unlock; both pointers are set once and freed by the only owner.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    package init(_ initial: consuming sending Value) {
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
        value = .allocate(capacity: 1)
        value.initialize(to: initial)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value.pointee)
    }
}

#else

package import Synchronization

package typealias Mutex<Value: ~Copyable> = Synchronization.Mutex<Value>

#endif
