// SPDX-License-Identifier: Apache-2.0

extension JoinRequest {
    /// Fails if a value would break the account's arithmetic: the error names the value and what would be right.
    package func validate() throws(LedgerError) {
        try check(weight, in: 1...100, "weight")
        try check(settings.floors.background, in: 0...1000, "background's floor")
        try check(settings.floors.normal, in: 0...1000, "normal's floor")
        try check(settings.tolerance, in: 0...100_000, "tolerance")
        try check(settings.timeToLive, in: Duration.seconds(1)...Duration.seconds(3600), "time to live")
        try check(proposedEpoch, in: 1...Rules.epochMaximum, "proposed epoch")
        try check(knownEpoch, in: 0...Rules.epochMaximum, "known epoch")
        try check(history.count, in: 0...Self.maximumHistory, "number of history entries")
        try check(permits.count, in: 0...Self.maximumPermits, "number of permit entries")
        for entry in permits { try check(entry.count, in: calls, "permits") }
        try check(sequence, in: 1...Rules.epochMaximum, "sequence")
        var newest = sequence
        for entry in history {
            try check(entry.count, in: calls, "calls spent")
            try check(entry.age, in: 0...spanMaximum, "age")
            // Newest first, and none that is still to come.
            try check(entry.report, in: 1...newest, "report")
            newest = entry.report
        }
    }
}

extension ExchangeRequest {
    /// Fails if a value would break the account's arithmetic: the error names the value and what would be right.
    package func validate() throws(LedgerError) {
        for count in [settlements.count, observations.count, rejections.count, wants.count] {
            try check(count, in: 0...Self.maximumEntries, "number of entries")
        }
        try check(sequence, in: 1...Rules.epochMaximum, "sequence")
        try check(jitter, in: 0...999, "jitter")
        try check(pooled, in: calls, "pooled permits")
        for settlement in settlements {
            try check(settlement.spent, in: calls, "spent permits")
            try check(settlement.accepted, in: 0...settlement.spent, "accepted calls")
            try check(settlement.unused, in: calls, "unused permits")
        }
        for observation in observations { try observation.validate() }
        for rejection in rejections {
            try check(rejection.count, in: 1...Limit.maximumCapacity, "rejected calls")
            try check(rejection.mark ?? 0, in: 0...Rules.epochMaximum, "mark")
            try check(rejection.retryAfter, in: 0...spanMaximum, "retry-after")
        }
        for want in wants { try check(want.count, in: 1...Limit.maximumCapacity, "wanted permits") }
    }
}

extension Observation {
    fileprivate func validate() throws(LedgerError) {
        try check(capacity, in: 1...Limit.maximumCapacity, "observed capacity")
        try check(used ?? 0, in: calls, "observed use")
        try check(mark ?? 0, in: 0...Rules.epochMaximum, "mark")
        try check(expiry ?? 0, in: 0...Rules.epochMaximum, "expiry")
        try check(date ?? 0, in: 0...Rules.epochMaximum, "date")
        try check(age, in: 0...spanMaximum, "age")
        guard let window else { return }
        do { _ = try Limit(limit.name, capacity: capacity, window: window) } catch {
            throw LedgerError(.invalidRequest, error.description)
        }
    }
}

private let calls = 0...Limit.maximumCapacity
private let spanMaximum: Microseconds = 32 * Rules.day

private func check<Value: Comparable>(
    _ value: Value, in range: ClosedRange<Value>, _ what: String
) throws(LedgerError) {
    guard !range.contains(value) else { return }
    throw LedgerError(
        .invalidRequest, "\(what) is \(value); it must be in \(range.lowerBound)...\(range.upperBound)")
}
