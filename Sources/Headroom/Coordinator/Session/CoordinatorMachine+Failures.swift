// SPDX-License-Identifier: Apache-2.0

extension CoordinatorMachine {
    /// Failures that repeating does not heal are told to those who wait after this many in a row.
    static let defectsMaximum = 3

    /// The ledger did not answer, or refused: the same request is repeated after a while.
    mutating func failed(_ error: LedgerError, at now: Microseconds) -> Effects {
        var effects = Effects()
        let isDefect = error.code != .unavailable && error.code != .lost
        let wait = membership.backoff.next(isDefect: isDefect, jitter: Int.random(in: 0...999, using: &random))
        membership.retryAt = now + (isLeaving ? min(wait, 100_000) : wait)
        if membership.failure == nil { effects.events.append(.ledgerUnavailable(message: error.description)) }
        membership.failure = error.description
        fallback?.endsAt = nil
        effects.wakes = patienceEnds.map { scheduleTimer($0) } ?? []
        effects.add(loseLedger(at: now))
        if error.code == .invalidRequest { shed() }
        if fallback == nil, membership.backoff.defects >= Self.defectsMaximum {
            for waiter in waiting.removeAll() {
                let error = fail(.ledgerUnavailable(error.description))
                effects.outcomes.append((waiter.ticket, .failure(error)))
            }
        }
        return effects
    }

    private var isLeaving: Bool { if case .leaving = phase { true } else { false } }

    /// Leaves what came from responses out of a request that the ledger found invalid: nothing of it was done.
    private mutating func shed() {
        guard case .exchange(var request) = membership.call else {
            membership.call = nil
            return
        }
        (request.observations, request.rejections) = ([], [])
        membership.call = .exchange(request)
    }
}
