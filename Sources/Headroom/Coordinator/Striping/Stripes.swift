// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// The stripes of a coordinator, each behind a lock of its own: threads on different cores rarely meet.
///
/// Locks are taken in one order: the coordinator's state first, then stripes by their number. Who holds a stripe alone
/// takes no other lock.
final class Stripes: Sendable {
    private final class Cell: Sendable {
        let stripe = Mutex(Stripe())
        /// Keeps two stripes out of one line of the cache.
        private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
    }

    static let count = 8
    private let cells = (0..<count).map { _ in Cell() }

    /// Does something with the stripe of this thread.
    func withMine<Result: Sendable>(_ body: (inout Stripe) -> Result) -> Result {
        cells[Self.place()].stripe.withLock { body(&$0) }
    }

    /// Takes all that the stripes have into the state. All are held meanwhile: a lease that was handed over at one and
    /// ended at another is seen either in both or in neither.
    func collect(into state: inout CoordinatorMachine, at now: Microseconds, from place: Int = 0) {
        guard place < cells.count else { return }
        cells[place].stripe.withLock { stripe in
            collect(into: &state, at: now, from: place + 1)
            if !stripe.isEmpty { state.takeBack(&stripe, at: now) }
        }
    }

    /// Permits that are ready now, in all stripes.
    var ready: Int {
        cells.reduce(0) { sum, cell in sum + cell.stripe.withLock { $0.left.reduce(0) { $0 + $1.count } } }
    }

    /// A number that tells threads apart, most of the time: from where this thread's stack lies. Stacks are half a
    /// megabyte or eight apart, and a thread's calls of this function are nearly at the same depth.
    @inline(never)
    private static func place() -> Int {
        var local: UInt8 = 0
        let address = withUnsafeMutablePointer(to: &local) { UInt(bitPattern: $0) }
        return Int(((address >> 19) &+ (address >> 23)) % UInt(count))
    }
}
