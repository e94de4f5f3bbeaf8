// SPDX-License-Identifier: Apache-2.0

/// The ledger's answer to a lane that got less than it wanted: what is short, and when to ask again.
struct Advice: Sendable {
    let cause: Shortage.Cause
    /// The time before which the lane does not ask again.
    var askAt: Microseconds
    /// The earliest time at which the lane can be served, unless permits are given back.
    let availableAt: Microseconds
    /// The longest time for which the end of a lease may go unreported while this lane waits. `.max` if a report does
    /// not help the lane.
    let settleWithin: Microseconds

    /// The longest time for which the end of a lease may go unreported while a rolling window is short, in
    /// microseconds. A call counts until a window after the report of its end, so every delay is lost to the window.
    static let rollingSettleDelay: Microseconds = 10_000

    var limit: LimitReference? { if case .limit(let limit) = cause { limit } else { nil } }
}

/// The newest advice of each lane.
struct AdviceTable: Sendable {
    private var advice: [Lane: Advice] = [:]
    /// The number of lanes above which advice that is past its time is dropped.
    private static let maximum = 1_024

    subscript(lane: Lane) -> Advice? { advice[lane] }

    /// The longest time for which the end of a lease may go unreported, for the sake of all lanes that wait.
    func settleWithin(_ isWaiting: (Lane) -> Bool) -> Microseconds {
        advice.reduce(.max) { isWaiting($1.key) ? min($0, $1.value.settleWithin) : $0 }
    }

    /// Takes in an answer.
    ///
    /// - Parameters:
    ///   - shortage: what is short. `nil` if the lane got all that it wanted.
    ///   - window: the window of the limit that is short.
    ///   - slotAhead: the earliest of the instance's own slots that are still to come.
    ///   - heartbeat: the time after which the ledger is asked in any case.
    mutating func take(
        _ shortage: Shortage?, for lane: Lane, of window: Limit.Window?, slotAhead: Microseconds?,
        heartbeat: Microseconds, at now: Microseconds
    ) {
        guard let shortage else {
            advice[lane] = nil
            return
        }
        var askAt = now.after(max(shortage.retryIn, Rules.retryMinimum))
        // An operator's hold may end early.
        if shortage.cause == .hold { askAt = min(askAt, now.after(heartbeat)) }
        // Slots are shared out: the ledger grants no other before one of the instance's own has passed.
        if case .paced? = window, let slotAhead { askAt = max(askAt, slotAhead) }
        advice[lane] = Advice(
            cause: shortage.cause, askAt: askAt, availableAt: now.after(shortage.availableIn),
            settleWithin: Self.settleWithin(shortage, window))
        if advice.count > Self.maximum { advice = advice.filter { $0.value.askAt > now } }
    }

    /// The longest time without a report: none while the ledger lets one call at a time through, a short one if a
    /// window is short, any if slots are.
    private static func settleWithin(_ shortage: Shortage, _ window: Limit.Window?) -> Microseconds {
        switch (shortage.cause, window) {
        case (.learning, _): 0
        case (.hold, _), (.limit, .paced?): .max
        case (.limit, .rolling?): shortage.isBrief ? 0 : Advice.rollingSettleDelay
        case (.limit, .day?), (.limit, nil): shortage.isBrief ? 0 : .max
        }
    }

    mutating func forget(_ lane: Lane) { advice[lane] = nil }

    /// Forgets all advice: what the ledger said before a join does not hold after it.
    mutating func removeAll() { advice = [:] }
}

extension Shortage {
    /// Whether the shortage may be over at any moment.
    fileprivate var isBrief: Bool { availableIn == 0 && retryIn <= Rules.retryLearning }
}
