// SPDX-License-Identifier: Apache-2.0

extension CoordinatorEvent {
    /// An event as the package sees it: each kind with what belongs to it.
    package enum Detail: Sendable, Hashable {
        case nearLimit(limit: LimitReference, share: Double)
        case rejected(Rejection)
        case paused(limit: LimitReference?, for: Duration)
        case resumed(limit: LimitReference?)
        case learnedLimit(limit: LimitReference, from: Int64, to: Int64)
        case drift(limit: LimitReference, calls: Int64)
        case ledgerUnavailable(message: String)
        case ledgerAvailable
        case fallbackStarted(instances: Int64?)
        case fallbackEnded(granted: Int64, after: Duration)
        case rejoined(lostMemory: Bool)
        case ledgerSetBack(reports: Int64)
        case leasesExpired(count: Int)
        case headersIgnored(responses: Int64)
    }
}

extension CoordinatorEvent.Detail {
    /// The event in a line for the log.
    var text: String {
        switch self {
        case .nearLimit(let limit, let share): "limit \(limit) is used to \(Int(share * 100)) %"
        case .rejected(let rejection):
            "the vendor rejected a call for \(rejection.limit.map { "limit \($0)" } ?? "an unknown limit")"
                + ", try again in \(rejection.retryAfter.text)"
        case .paused(let limit, let span): "\(limit.map { "limit \($0)" } ?? "everything") is paused for \(span.text)"
        case .resumed(let limit): "\(limit.map { "limit \($0)" } ?? "everything") is granted again"
        case .learnedLimit(let limit, let from, let to): "limit \(limit) is \(to), not \(from)"
        case .drift(let limit, let calls): "the vendor counts \(calls) calls of limit \(limit) beyond our own"
        case .ledgerUnavailable(let message): "the ledger cannot be reached: \(message)"
        case .ledgerAvailable: "the ledger can be reached again"
        case .fallbackStarted(let instances?): "working without the ledger, from 1/\(instances) of each limit"
        case .fallbackStarted(nil): "working without the ledger, and without limits"
        case .fallbackEnded(let granted, let span):
            "working with the ledger again, after \(span.text) and \(granted) calls without it"
        case .rejoined(let lostMemory):
            lostMemory ? "joined a ledger that has lost its memory" : "joined again after too long without an exchange"
        case .ledgerSetBack(let reports):
            "the ledger is an older copy of itself; it got \(reports) reports of this instance once more"
        case .leasesExpired(let count): "\(count) leases were not ended in time and count as spent"
        case .headersIgnored(let responses): "\(responses) responses so far had headers that were ignored"
        }
    }
}
