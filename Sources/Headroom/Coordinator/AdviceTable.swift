// SPDX-License-Identifier: Apache-2.0

/// What the ledger said to a lane that got less than it wanted: when to ask again, and what is short.
struct Advice: Sendable {
    let cause: Shortage.Cause
    /// Not to ask again before.
    var askAt: Microseconds
    /// Nothing can come before, unless something is given back.
    let availableAt: Microseconds
    /// Whether settling at once what has ended may help: the ledger lets one call at a time through.
    let isHurried: Bool

    var limit: LimitReference? { if case .limit(let limit) = cause { limit } else { nil } }
}

/// The newest advice of each lane.
struct AdviceTable: Sendable {
    private var advice: [Lane: Advice] = [:]
    private static let maximum = 1_024

    subscript(lane: Lane) -> Advice? { advice[lane] }

    /// Whether a lane that waits would gain from settling at once.
    func isHurried(_ isWaiting: (Lane) -> Bool) -> Bool { advice.contains { $0.value.isHurried && isWaiting($0.key) } }

    /// Takes in an answer. `slotAhead` is the earliest of the instance's own slots that are still to come.
    mutating func take(
        _ shortage: Shortage?, for lane: Lane, isPaced: Bool, slotAhead: Microseconds?, at now: Microseconds
    ) {
        guard let shortage else {
            advice[lane] = nil
            return
        }
        var askAt = now.after(max(shortage.retryIn, Rules.retryMinimum))
        // Slots are shared: asking before one of our own has passed would bring nothing.
        if isPaced, let slotAhead { askAt = max(askAt, slotAhead) }
        advice[lane] = Advice(
            cause: shortage.cause, askAt: askAt, availableAt: now.after(shortage.availableIn),
            isHurried: shortage.cause == .learning
                || (!isPaced && shortage.cause != .held && shortage.availableIn == 0
                    && shortage.retryIn <= Rules.retryLearning)
        )
        if advice.count > Self.maximum { advice = advice.filter { $0.value.askAt > now } }
    }

    mutating func forget(_ lane: Lane) { advice[lane] = nil }

    /// What a ledger said before the instance joined anew does not count any more.
    mutating func removeAll() { advice = [:] }
}
