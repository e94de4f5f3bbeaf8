// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The counts of one budget's windows.
struct BudgetBook: Sendable {
    var throttle: WindowBook?
    var quota: WindowBook?

    mutating func advance(to now: Microseconds) {
        throttle?.advance(to: now)
        quota?.advance(to: now)
    }

    mutating func meet() {
        throttle?.meet()
        quota?.meet()
    }

    mutating func resetPeaks() {
        throttle?.resetPeaks()
        quota?.resetPeaks()
    }

    func readings(on processor: Int, at now: Microseconds) -> [WindowReading] {
        [throttle, quota].compactMap { $0?.reading(on: processor, at: now) }
    }
}
