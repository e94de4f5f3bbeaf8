// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

/// A clock that stands still and wakes nobody, and that jumps, as it does for a process that was suspended.
final class PausedClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Swift.Duration
        func advanced(by span: Swift.Duration) -> Instant { Instant(offset: offset + span) }
        func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let offset = Mutex(Swift.Duration.zero)

    var now: Instant { Instant(offset: offset.withLock { $0 }) }
    var minimumResolution: Swift.Duration { .nanoseconds(1) }
    /// The time for a ledger's clock.
    var microseconds: Microseconds { 1_795_348_800_000_000 + now.offset.microseconds }

    func jump(_ span: Swift.Duration) { offset.withLock { $0 += span } }

    /// Sleeps until the task is cancelled.
    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        while true { try await Task.sleep(for: .seconds(3600)) }
    }
}
