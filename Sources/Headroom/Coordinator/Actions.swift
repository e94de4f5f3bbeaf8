// SPDX-License-Identifier: Apache-2.0

/// What remains to be done after an event: the machine decides under its lock, ``RateCoordinator`` carries it out
/// outside the lock.
struct Actions: Sendable {
    /// What resumes a caller that waits.
    typealias Waiter = CheckedContinuation<WaitOutcome, Never>

    var outcomes: [(waiter: Waiter, outcome: WaitOutcome)] = []
    var events: [CoordinatorEvent.Detail] = []
    var wakes: Wakes = []

    mutating func add(_ other: Actions) {
        outcomes += other.outcomes
        events += other.events
        wakes.formUnion(other.wakes)
    }
}

/// The loops of `run()` that must look at the machine again.
struct Wakes: OptionSet, Sendable {
    let rawValue: UInt8

    static let exchange = Wakes(rawValue: 1)
    static let timer = Wakes(rawValue: 2)
}

/// The end of a caller's wait in the queue.
enum WaitOutcome: Sendable {
    case permit(Permit)
    case failure(RateLimitError)
}
