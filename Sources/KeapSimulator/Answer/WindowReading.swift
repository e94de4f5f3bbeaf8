// SPDX-License-Identifier: Apache-2.0

import Headroom

/// One window limit as an answer shows it.
struct WindowReading: Sendable, Hashable {
    /// The limit.
    let limit: WindowLimit
    /// Calls counted in the current window, as far as the counter knows.
    let used: Int
    /// When the current window ends, by the vendor's clock.
    let end: Microseconds

    /// Calls left in the window, never negative.
    var available: Int { max(0, limit.capacity - used) }

    /// The unit that the headers name, with the number of them in a window: whole days, hours, minutes or seconds.
    var unit: (name: String, count: Int64) {
        let seconds = limit.window.microseconds / 1_000_000
        for (name, length) in [("day", Int64(86_400)), ("hour", 3_600), ("minute", 60)]
        where seconds >= length && seconds % length == 0 {
            return (name, seconds / length)
        }
        return ("second", max(1, seconds))
    }
}
