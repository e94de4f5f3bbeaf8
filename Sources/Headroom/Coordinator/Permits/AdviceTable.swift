// SPDX-License-Identifier: Apache-2.0

/// What the ledger said to a lane that got less than it wanted: when to ask again, and what is short.
struct Advice: Sendable {
    let cause: Shortage.Cause
    /// Not to ask again before.
    var askAt: Microseconds
    /// Nothing can come before, unless something is given back.
    let availableAt: Microseconds
    /// How long what has ended may wait to be told, where that is in the way.
    let settleWithin: Microseconds

    /// In a window a call counts until so long after it was told that it ended: a tenth of a second late is a tenth of
    /// a second in a minute lost.
    static let briskly: Microseconds = 10_000

    var limit: LimitReference? { if case .limit(let limit) = cause { limit } else { nil } }
}

/// The newest advice of each lane.
struct AdviceTable: Sendable {
    private var advice: [Lane: Advice] = [:]
    private static let maximum = 1_024

    subscript(lane: Lane) -> Advice? { advice[lane] }

    /// How long what has ended may wait to be told, for the sake of the lanes that wait.
    func settleWithin(_ isWaiting: (Lane) -> Bool) -> Microseconds {
        advice.reduce(.max) { isWaiting($1.key) ? min($0, $1.value.settleWithin) : $0 }
    }

    /// Takes in an answer. `slotAhead` is the earliest of the instance's own slots that are still to come, `heartbeat`
    /// how long it takes until the ledger is asked in any case.
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
        // Slots are shared: asking before one of our own has passed would bring nothing.
        if case .paced? = window, let slotAhead { askAt = max(askAt, slotAhead) }
        advice[lane] = Advice(
            cause: shortage.cause, askAt: askAt, availableAt: now.after(shortage.availableIn),
            settleWithin: Self.settleWithin(shortage, window))
        if advice.count > Self.maximum { advice = advice.filter { $0.value.askAt > now } }
    }

    /// At once where the ledger lets one call at a time through, soon where a window is short, any time where slots
    /// are.
    private static func settleWithin(_ shortage: Shortage, _ window: Limit.Window?) -> Microseconds {
        switch (shortage.cause, window) {
        case (.learning, _): 0
        case (.hold, _), (.limit, .paced?): .max
        case (.limit, .rolling?): shortage.isBrief ? 0 : Advice.briskly
        case (.limit, .day?), (.limit, nil): shortage.isBrief ? 0 : .max
        }
    }

    mutating func forget(_ lane: Lane) { advice[lane] = nil }

    /// What a ledger said before the instance joined anew does not count any more.
    mutating func removeAll() { advice = [:] }
}

extension Shortage {
    /// Whether it may be over at any moment.
    fileprivate var isBrief: Bool { availableIn == 0 && retryIn <= Rules.retryLearning }
}
