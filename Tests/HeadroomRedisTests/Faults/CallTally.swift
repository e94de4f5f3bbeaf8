// SPDX-License-Identifier: Apache-2.0

import Headroom

/// What callers did, and what they met: the truth that a ledger's account is compared with.
struct CallTally: Sendable {
    /// Calls that a vendor may have counted, by tenant: completed, or dropped.
    private(set) var spent: [Tenant?: Int64] = [:]
    private(set) var cancelled = 0
    /// Callers that got an error instead of a lease, by its code.
    private(set) var failed: [RateLimitError.Code: Int] = [:]
    /// How much later than its timeout a caller heard anything, at most.
    private(set) var longestDelay = Duration.zero
    /// What the machine may have added to any span of real time meanwhile: bounds allow for it.
    var noise = Duration.zero
    /// When calls began, in order of their notes.
    private(set) var moments: [ContinuousClock.Instant] = []

    /// All calls, whatever the tenant.
    var total: Int64 { spent.values.reduce(0, +) }

    mutating func noteSpent(_ tenant: Tenant?) { spent[tenant, default: 0] += 1 }
    /// Adds the calls of others.
    mutating func add(_ other: CallTally) { spent.merge(other.spent) { $0 + $1 } }

    mutating func noteCancelled() { cancelled += 1 }
    mutating func noteFailed(_ code: RateLimitError.Code) { failed[code, default: 0] += 1 }
    mutating func noteCall(at moment: ContinuousClock.Instant) { moments.append(moment) }
    mutating func noteDelay(_ delay: Duration) { longestDelay = max(longestDelay, delay) }

    /// The longest time in which nobody was served.
    var longestGap: Duration { longestGap(since: 0) }

    /// The same without the first calls.
    func longestGap(since first: Int) -> Duration {
        let sorted = moments.sorted().dropFirst(first)
        return zip(sorted, sorted.dropFirst()).map { $0.duration(to: $1) }.max() ?? .zero
    }

    /// The most calls in any span of this length.
    func most(within span: Duration) -> Int {
        let sorted = moments.sorted()
        var (first, most) = (0, 0)
        for last in sorted.indices {
            while sorted[first].duration(to: sorted[last]) >= span { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }
}
