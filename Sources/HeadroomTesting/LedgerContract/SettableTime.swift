// SPDX-License-Identifier: Apache-2.0

public import Headroom
import HeadroomSupport

/// A wall clock that a test sets: microseconds since 1970. Safe to share.
public final class SettableTime: Sendable {
    private let time: Mutex<Microseconds>

    /// Starts at 2026-11-02 12:00:00 UTC unless told otherwise.
    public init(_ start: Microseconds = 1_793_620_800_000_000) { time = Mutex(start) }

    /// What time it is.
    public var now: Microseconds { time.withLock { $0 } }

    /// Moves the time, forwards or backwards.
    public func advance(by span: Duration) { time.withLock { $0 += span.microseconds } }
}
