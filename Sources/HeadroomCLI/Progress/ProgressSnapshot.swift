// SPDX-License-Identifier: Apache-2.0

/// The figures of a drive that are shown while it runs.
package struct ProgressSnapshot: Sendable {
    package var elapsed = 0.0
    /// When it ends by itself. `nil`: when all calls are made.
    package var seconds: Double?
    /// How many calls are to be made. `nil`: as many as the time allows.
    package var wanted: Int?
    package var tally = CallTally()
    /// Accepted calls per minute, now.
    package var perMinute = 0.0
    package var limits: [LimitUse] = []
    package var processes = 1
    package var alive = 1
    package var isStopping = false

    package init() {}
}
