// SPDX-License-Identifier: Apache-2.0

/// The counts of calls by their ends.
package struct CallTally: Sendable, Hashable, Codable {
    /// Answered, with neither 429 nor a server's error.
    package var accepted = 0
    /// Answered with 429.
    package var rejected = 0
    /// Not answered, or with a server's error (500 to 599).
    package var failed = 0
    /// Not made: the wait for a permit ended because a limit is used up.
    package var exhausted = 0

    package init() {}

    /// Calls that were sent.
    package var calls: Int { accepted + rejected + failed }

    package static func += (left: inout CallTally, right: CallTally) {
        left.accepted += right.accepted
        left.rejected += right.rejected
        left.failed += right.failed
        left.exhausted += right.exhausted
    }
}
