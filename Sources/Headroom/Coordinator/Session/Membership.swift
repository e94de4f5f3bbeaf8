// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

/// The instance's standing with the ledger, and the one request that is under way.
struct Membership: Sendable {
    enum Request: Sendable {
        case join(JoinRequest)
        case exchange(ExchangeRequest)
    }

    /// The ledger's epoch in its newest answer. 0 before the first join.
    var epoch: Int64 = 0
    var isJoined = false
    /// The number of the last exchange that was answered.
    var sequence: Int64 = 0
    /// The time until which the ledger counts the instance as alive, and its permits are valid.
    var aliveUntil: Microseconds = .min
    /// The count of times at which all permits became void. A permit of an older generation is void.
    var generation = 0
    /// Whether the instance had outlived its time to live when the ledger did not know it any more. The ledger has then
    /// counted the instance's permits as spent.
    var hadExpired = false

    /// The request that has no answer yet: repeated unchanged until it has one.
    var pending: Request?
    /// The time at which the newest request was sent, the repetition of one included.
    var sentAt: Microseconds = .min
    /// The time at which the newest request was sent first.
    var firstSentAt: Microseconds = .min
    /// The times of the last exchange that was answered: sent first, and answered.
    var lastExchange: (firstSentAt: Microseconds, answeredAt: Microseconds)?
    /// The time from which on the ledger has forgotten what was reported, though it has kept its epoch. `nil` if it has
    /// forgotten nothing, or the backfill has been sent.
    var forgottenSince: Microseconds?
    /// The number of instances alive in the newest answer. 0 before the first one.
    var members: Int64 = 0
    /// The time before which a failed request is not repeated.
    var retryAt: Microseconds = .min
    var backoff = Backoff.ledger
    /// The reason why the ledger cannot be reached. `nil` while it can.
    var failure: LedgerError?

    /// Whether the next request can only be the pending one once more, or a join.
    var mustRetryOrJoin: Bool { pending != nil || !isJoined }

    /// The difference that two clocks' measurements of a short span may have, in microseconds. The time that messages
    /// take errs on the safe side already.
    private static let slack: Microseconds = 2_000

    /// Notices an older copy of the ledger, and since when it has forgotten.
    ///
    /// A copy that comes into service after a failover keeps its epoch and may lack the last writes. Its account shows
    /// a pause: no request from `pausedFor` ago until `resumedFor` ago. If this instance had an exchange answered
    /// within that pause, the copy is older than that exchange, and knows nothing from the pause's beginning on.
    ///
    /// ```
    /// ledger    ──── last write known ┄┄┄┄┄┄┄ pause ┄┄┄┄┄┄┄ first request since ──── this join
    /// instance                        sent ── answered
    /// ```
    mutating func noticeOlderCopy(_ reply: JoinReply, at now: Microseconds) -> Bool {
        guard reply.pausedFor > 0, let exchange = lastExchange,
            exchange.firstSentAt > now - reply.pausedFor + Self.slack,
            exchange.answeredAt < sentAt - reply.resumedFor - Self.slack
        else { return false }
        lastExchange = nil
        forgottenSince = now - reply.pausedFor
        return true
    }
}

extension Backoff {
    /// Pauses before the ledger is asked again, in microseconds: 50 ms doubled up to 1 s, after defects 1 s doubled up
    /// to 5 s, each changed by at most a quarter.
    static var ledger: Backoff {
        Backoff(first: 50_000, longest: 1_000_000, defect: 5_000_000, spreadPerMille: 750...1250)
    }
}
