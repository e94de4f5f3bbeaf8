// SPDX-License-Identifier: Apache-2.0

internal import CHiredis

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A thread that blocks all signals, so that no handler of the application ever runs on it.
enum DetachedThread {
    private final class Work {
        let name: String
        let body: () -> Void

        init(_ name: String, _ body: @escaping () -> Void) { (self.name, self.body) = (name, body) }
    }

    /// Runs the body on a thread of its own. Returns 0, or the system's error number if there is no thread to be had.
    ///
    /// - Parameter name: what system tools show; at most 15 bytes.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Int32 {
        let work = Unmanaged.passRetained(Work(name, body))
        let status = withAllSignalsBlocked { create(work.toOpaque()) }
        if status != 0 { work.release() }
        return status
    }

    // The thread inherits the mask: no signal can slip in before it would block them itself.
    private static func withAllSignalsBlocked(_ body: () -> Int32) -> Int32 {
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return body()
    }

    private static func create(_ work: UnsafeMutableRawPointer) -> Int32 {
        var attributes = pthread_attr_t()
        let status = pthread_attr_init(&attributes)
        guard status == 0 else { return status }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        return pthread_create(&thread, &attributes, enter, work)
    }

    #if canImport(Darwin)
    private static let enter: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { work in
        run(Unmanaged<Work>.fromOpaque(work).takeRetainedValue())
        return nil
    }
    #else
    private static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { work in
        if let work { run(Unmanaged<Work>.fromOpaque(work).takeRetainedValue()) }
        return nil
    }
    #endif

    private static func run(_ work: Work) {
        #if canImport(Darwin)
        pthread_setname_np(work.name)
        #else
        system_name_thread(work.name)
        #endif
        work.body()
    }
}
