// SPDX-License-Identifier: Apache-2.0

/// What is to be done after the state has changed, outside the lock.
struct Effects: Sendable {
    typealias Ticket = CheckedContinuation<WaitOutcome, Never>

    var outcomes: [(ticket: Ticket, outcome: WaitOutcome)] = []
    var events: [CoordinatorEvent] = []
    var wakes: Wakes = []

    mutating func add(_ other: Effects) {
        outcomes += other.outcomes
        events += other.events
        wakes.formUnion(other.wakes)
    }
}

/// Which of the two loops of `run()` must look again.
struct Wakes: OptionSet, Sendable {
    let rawValue: UInt8

    static let exchange = Wakes(rawValue: 1)
    static let timer = Wakes(rawValue: 2)
}

/// How a wait ended.
enum WaitOutcome: Sendable {
    case permit(Permit)
    case failure(RateLimitError)
}
