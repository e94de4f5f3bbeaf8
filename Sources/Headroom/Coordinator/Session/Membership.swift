// SPDX-License-Identifier: Apache-2.0

/// What the instance knows of its standing with the ledger, and the one request that is on its way.
struct Membership: Sendable {
    enum Call: Sendable {
        case join(JoinRequest)
        case exchange(ExchangeRequest)
    }

    /// The ledger's epoch as last told; 0 before the first join.
    var epoch: Int64 = 0
    var isJoined = false
    /// The number of the last exchange that was answered.
    var sequence: Int64 = 0
    /// The instance counts as alive until then: what it holds is good.
    var aliveUntil: Microseconds = .min
    /// Counts joins: permits of an older one are void.
    var generation = 0
    /// Whether the instance had been silent for too long before it had to join again: then the ledger has counted what
    /// it held.
    var wasSilent = false

    /// The request that has no answer yet: repeated as it was until it has one.
    var call: Call?
    var sentAt: Microseconds = .min
    /// When it was sent for the first time.
    var calledAt: Microseconds = .min
    /// When the last exchange that took place was sent first, and when its answer came.
    var done: (sentAt: Microseconds, at: Microseconds)?
    /// Since when the ledger has forgotten what it was told, though it kept its memory: it is an older copy of itself.
    var forgottenSince: Microseconds?
    /// How many instances were alive, as last told; 0: not told yet.
    var members: Int64 = 0
    var retryAt: Microseconds = .min
    var backoff = Backoff()
    /// Whether all that may be done next is to repeat a call, or to join.
    var isWaiting: Bool { call != nil || !isJoined }
    /// Takes in when the ledger paused: one that answered within a pause it knows nothing else of is an older copy of
    /// itself.
    mutating func noticeOlderCopy(_ reply: JoinReply, at now: Microseconds) -> Bool {
        guard reply.pausedFor > 0, let done, done.sentAt > now - reply.pausedFor + Self.slack,
            done.at < sentAt - reply.resumedFor - Self.slack
        else { return false }
        self.done = nil
        forgottenSince = now - reply.pausedFor
        return true
    }

    /// How much two clocks' ideas of a short span may differ. What the way takes is on the safe side already.
    private static let slack: Microseconds = 2_000

    /// Why the ledger cannot be reached; nil while it can.
    var failure: String?
}
