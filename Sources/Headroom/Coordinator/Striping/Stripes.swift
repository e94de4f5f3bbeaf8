// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// The stripes of a coordinator, each behind a lock of its own, so that threads on different cores rarely meet.
///
/// Locks are taken in one order: the machine's first, then those of stripes by their number. A thread that took a
/// stripe's lock without the machine's takes no other.
final class Stripes: Sendable {
    private final class Cell: Sendable {
        let stripe = Mutex(Stripe())
        /// Keeps two stripes out of one line of the cache.
        private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
    }

    static let count = 8
    private let cells = (0..<count).map { _ in Cell() }

    /// Runs a body with the stripe of the current thread.
    func withMine<Result: Sendable>(_ body: (inout Stripe) -> Result) -> Result {
        cells[Self.place()].stripe.withLock { body(&$0) }
    }

    /// Collects all permits and counts of the stripes into the machine. All stripes are locked meanwhile, so that a
    /// lease that was handed over at one and ended at another is seen at both or at neither.
    func collect(into machine: inout CoordinatorMachine, at now: Microseconds, from place: Int = 0) {
        guard place < cells.count else { return }
        cells[place].stripe.withLock { stripe in
            collect(into: &machine, at: now, from: place + 1)
            if !stripe.isEmpty { machine.takeBack(&stripe, at: now) }
        }
    }

    /// The number of permits that are ready in all stripes.
    var ready: Int {
        cells.reduce(0) { sum, cell in sum + cell.stripe.withLock { $0.left.reduce(0) { $0 + $1.count } } }
    }

    /// A number that differs between threads most of the time, computed from the address of the thread's stack. Stacks
    /// are half a megabyte or eight apart, and a thread calls this function at nearly the same depth each time.
    @inline(never)
    private static func place() -> Int {
        var local: UInt8 = 0
        let address = withUnsafeMutablePointer(to: &local) { UInt(bitPattern: $0) }
        return Int(((address >> 19) &+ (address >> 23)) % UInt(count))
    }
}
