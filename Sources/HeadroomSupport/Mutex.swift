// SPDX-License-Identifier: Apache-2.0

#if HEADROOM_THREAD_SANITIZER
#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif
#else
public import Synchronization
#endif

/// A lock around a value: `Synchronization.Mutex`, except in builds for the thread sanitizer.
///
/// The slow path of `Synchronization.Mutex` is a futex, which the sanitizer does not see, and so reports races that do
/// not exist. Builds with `-DHEADROOM_THREAD_SANITIZER` use a POSIX lock, which the sanitizer knows.
///
/// `public`, as ``FIFO`` is, though no product has this module: the compiler inlines and specializes in other modules
/// only what is public. `@inlinable package` has no effect there (Swift 6.3), and cost a permit from the pool a third
/// of its time.
public struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // Sendable: the value is only reached between lock and unlock. The pointers of the sanitizer's form are set once,
    // and freed in the deinit of their only owner.

    #if HEADROOM_THREAD_SANITIZER
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    public init(_ initial: consuming sending Value) {
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

    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value.pointee)
    }
    #else
    @usableFromInline let mutex: Synchronization.Mutex<Value>

    @inlinable
    public init(_ initial: consuming sending Value) { mutex = Synchronization.Mutex(initial) }

    @inlinable
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try mutex.withLock(body)
    }
    #endif
}
