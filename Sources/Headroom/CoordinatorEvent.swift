// SPDX-License-Identifier: Apache-2.0

/// Something that an operator, or a dashboard, may want to know. See ``RateCoordinator/events()``.
///
/// What happened is ``kind``; the other properties hold what belongs to it, and are `nil` for other kinds. A later
/// version may know more kinds: a `switch` over them needs a `default`.
public struct CoordinatorEvent: Sendable, Hashable, CustomStringConvertible {
    /// What happened.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// A limit's use has reached one of the configured shares: ``limit``, ``share``. Once for each crossing.
        public static let nearLimit = Kind(description: "near limit")
        /// The vendor rejected a call: ``rejection``, and its ``limit`` if known.
        public static let rejected = Kind(description: "rejected")
        /// Nothing is granted for a ``duration``: of a ``limit`` (after a 429), or at all (`nil`: an operator's hold).
        public static let paused = Kind(description: "paused")
        /// What was paused is granted again: a ``limit``, or everything (`nil`).
        public static let resumed = Kind(description: "resumed")
        /// The vendor's headers said another capacity than was in force: ``limit``, ``capacity``,
        /// ``formerCapacity``.
        public static let learnedLimit = Kind(description: "learned limit")
        /// The vendor's count of a ``limit`` departs from the ledger's own by ``count`` calls: strangers' calls, or
        /// lost state.
        public static let drift = Kind(description: "drift")
        /// The ledger cannot be reached. Once, until it can be again.
        public static let ledgerUnavailable = Kind(description: "ledger unavailable")
        /// The ledger can be reached again.
        public static let ledgerAvailable = Kind(description: "ledger available")
        /// The instance works without the ledger: from its part of each limit, divided by ``count`` instances; `nil`:
        /// without limits.
        public static let fallbackStarted = Kind(description: "fallback started")
        /// The instance has reported to the ledger what it spent, and works with it again, after a ``duration`` and
        /// ``count`` calls.
        public static let fallbackEnded = Kind(description: "fallback ended")
        /// The instance joined anew: it was suspended for too long, or the ledger lost its memory (``lostMemory``).
        public static let rejoined = Kind(description: "rejoined")
        /// The ledger is an older copy of itself, as after a failover: it lacked ``count`` reports of this instance and
        /// got their calls once more.
        public static let ledgerSetBack = Kind(description: "ledger set back")
        /// ``count`` leases were not ended in time and count as spent.
        public static let leasesExpired = Kind(description: "leases expired")
        /// Headers of ``count`` responses so far were there and unusable. At most once a minute.
        public static let headersIgnored = Kind(description: "headers ignored")
    }

    package let detail: Detail

    package init(_ detail: Detail) { self.detail = detail }

    /// What happened.
    public var kind: Kind {
        switch detail {
        case .nearLimit: .nearLimit
        case .rejected: .rejected
        case .paused: .paused
        case .resumed: .resumed
        case .learnedLimit: .learnedLimit
        case .drift: .drift
        case .ledgerUnavailable: .ledgerUnavailable
        case .ledgerAvailable: .ledgerAvailable
        case .fallbackStarted: .fallbackStarted
        case .fallbackEnded: .fallbackEnded
        case .rejoined: .rejoined
        case .ledgerSetBack: .ledgerSetBack
        case .leasesExpired: .leasesExpired
        case .headersIgnored: .headersIgnored
        }
    }

    /// The limit that it is about.
    public var limit: LimitReference? {
        switch detail {
        case .nearLimit(let limit, _), .learnedLimit(let limit, _, _), .drift(let limit, _): limit
        case .paused(let limit, _), .resumed(let limit): limit
        case .rejected(let rejection): rejection.limit
        default: nil
        }
    }

    /// The rejection of a call.
    public var rejection: Rejection? { if case .rejected(let rejection) = detail { rejection } else { nil } }

    /// The part of the limit that is used: 1 is all of it. More if the vendor counts more calls than it allows.
    public var share: Double? { if case .nearLimit(_, let share) = detail { share } else { nil } }

    /// How long it lasts, or lasted.
    public var duration: Duration? {
        switch detail {
        case .paused(_, let span), .fallbackEnded(_, let span): span
        default: nil
        }
    }

    /// How many calls, instances, leases, reports or responses.
    public var count: Int64? {
        switch detail {
        case .drift(_, let count), .headersIgnored(let count), .fallbackEnded(let count, _): count
        case .fallbackStarted(let instances): instances
        case .ledgerSetBack(let reports): reports
        case .leasesExpired(let count): Int64(count)
        default: nil
        }
    }

    /// The limit's capacity from now on, in calls per window.
    public var capacity: Int64? { if case .learnedLimit(_, _, let capacity) = detail { capacity } else { nil } }

    /// The limit's capacity before.
    public var formerCapacity: Int64? { if case .learnedLimit(_, let capacity, _) = detail { capacity } else { nil } }

    /// Whether the ledger has lost its memory.
    public var lostMemory: Bool? { if case .rejoined(let lostMemory) = detail { lostMemory } else { nil } }

    /// The event in a line for the log.
    public var description: String { detail.text }
}
