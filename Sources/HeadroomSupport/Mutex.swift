// SPDX-License-Identifier: Apache-2.0

#if HEADROOM_THREAD_SANITIZER
#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif
#else
package import Synchronization
#endif

/// A lock around a value: `Synchronization.Mutex`, except in builds for the thread sanitizer.
///
/// The slow path of `Synchronization.Mutex` is a futex, which the sanitizer does not see, and so reports races that do
/// not exist. Builds with `-DHEADROOM_THREAD_SANITIZER` use a POSIX lock, which the sanitizer knows.
package struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // Sendable: the value is only reached between lock and unlock. The pointers of the sanitizer's form are set once, and
    // freed in the deinit of their only owner.

    #if HEADROOM_THREAD_SANITIZER
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
    #else
    @usableFromInline let mutex: Synchronization.Mutex<Value>

    @inlinable
    package init(_ initial: consuming sending Value) { mutex = Synchronization.Mutex(initial) }

    @inlinable
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try mutex.withLock(body)
    }
    #endif
}
