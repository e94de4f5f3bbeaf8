// SPDX-License-Identifier: Apache-2.0

/// Something that an operator, or a dashboard, may want to know. See ``RateCoordinator/events()``.
public enum CoordinatorEvent: Sendable, Hashable {
    /// A limit's use has reached one of the configured shares, 0...1. Once for each crossing.
    case nearLimit(limit: LimitReference, share: Double)
    /// The vendor refused a call.
    case rejected(Rejection)
    /// Nothing is granted for a time: a limit's (after a 429), or everything (nil: an operator's hold).
    case paused(limit: LimitReference?, for: Duration)
    /// What was held is granted again.
    case resumed(limit: LimitReference?)
    /// The vendor's headers told another capacity than was in force.
    case learnedLimit(limit: LimitReference, from: Int64, to: Int64)
    /// The vendor's count departs from the ledger's own by this many calls: strangers' calls, or lost state.
    case drift(limit: LimitReference, calls: Int64)
    /// The ledger cannot be reached. Once, until it can be again.
    case ledgerUnavailable(message: String)
    /// The ledger can be reached again.
    case ledgerAvailable
    /// The instance works without the ledger: from its part of each limit, divided by that many instances; nil: without
    /// limits.
    case fallbackStarted(instances: Int64?)
    /// It has told the ledger what it spent, and works with it again.
    case fallbackEnded(granted: Int64, after: Duration)
    /// The instance was silent for too long, or the ledger has lost its memory, and it joined anew.
    case rejoined(lostMemory: Bool)
    /// Leases were not ended in time and count as spent.
    case leasesExpired(count: Int)
    /// Headers of this many responses so far were there and unusable. At most once a minute.
    case headersIgnored(responses: Int64)
}
