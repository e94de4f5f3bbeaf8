// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

import struct Synchronization.Atomic

/// Whether functions are called over a connection, or scripts in their place, which do the same.
///
/// A server that refuses a function is not asked again before the connection is opened anew: then it may be another
/// server, or another user. If the function was only missing, it is asked again after a minute: an operator may have
/// loaded the library since.
struct FunctionUse: ~Copyable, Sendable {
    /// The opening of the connection at which a function was refused last.
    private let refusedOn = Atomic<UInt64>(.max)
    /// When functions are tried again at that opening, in monotonic nanoseconds.
    private let againAt = Atomic<Int64>(.max)

    /// The time after which a function that was missing is called again, in nanoseconds.
    static let pause: Int64 = 60_000_000_000

    /// Whether a function is to be called.
    ///
    /// - Parameter opening: How often the connection was opened.
    func isTried(on opening: UInt64, now: @autoclosure () -> Int64 = MonotonicTime.now()) -> Bool {
        guard refusedOn.load(ordering: .acquiring) == opening else { return true }
        let again = againAt.load(ordering: .relaxed)
        return again != .max && now() >= again
    }

    /// Notes a refusal.
    ///
    /// - Parameters:
    ///   - opening: What it was when the function was called.
    ///   - isMissing: Whether the server has functions, and not this one.
    func wasRefused(on opening: UInt64, isMissing: Bool, now: @autoclosure () -> Int64 = MonotonicTime.now()) {
        againAt.store(isMissing ? now() + Self.pause : .max, ordering: .relaxed)
        refusedOn.store(opening, ordering: .releasing)
    }
}
