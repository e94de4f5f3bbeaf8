// SPDX-License-Identifier: Apache-2.0

package import Headroom
import HeadroomSupport

/// A wall clock that a test sets: microseconds since 1970. Safe to share.
package final class SettableTime: Sendable {
    private let time: Mutex<Microseconds>

    /// Makes a clock that starts at 2026-11-02 12:00:00 UTC, or at a time given in microseconds since 1970.
    package init(_ start: Microseconds = 1_793_620_800_000_000) { time = Mutex(start) }

    /// What time it is.
    package var now: Microseconds { time.withLock { $0 } }

    /// Moves the time, forwards or backwards.
    package func advance(by span: Duration) { time.withLock { $0 += span.microseconds } }
}
