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
    /// Whether the instance had been silent for too long before it had to join again: then the ledger has counted what it held.
    var wasSilent = false

    /// The request that has no answer yet: repeated as it was until it has one.
    var call: Call?
    var sentAt: Microseconds = .min
    var retryAt: Microseconds = .min
    var backoff = Backoff()
    /// Whether all that may be done next is to repeat a call, or to join.
    var isWaiting: Bool { call != nil || !isJoined }
    /// Why the ledger cannot be reached; nil while it can.
    var failure: String?
}
