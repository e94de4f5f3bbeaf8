// SPDX-License-Identifier: Apache-2.0

/// The faults of a soak and their times: the same for the same seed.
///
/// They come one at a time, each followed by a time to recover. All kinds have had their turn before one comes again.
package struct FaultPlan: Sendable, Hashable {
    /// One fault.
    package struct Fault: Sendable, Hashable {
        package var kind: FaultKind
        /// When it begins. Seconds from the start.
        package var start: Double
        /// How long it lasts. Seconds.
        package var span: Double
        /// A number that chooses for the fault: which worker, which half, what of a connection.
        package var choice: UInt64
    }

    /// The faults, in their order.
    package let faults: [Fault]

    /// How long there is between a fault's end and the next one's start, in times to live: long enough that the ledger
    /// has given up whoever was away, and takes the next pause for a new one.
    private static let recovery = 1.0...1.4
    /// How long nothing is broken at the end, in times to live: long enough to see what is left of a worker that was
    /// killed.
    private static let calm = 1.5

    /// Draws the faults of a run.
    ///
    /// - Parameters:
    ///   - kinds: what may be broken. If it is empty, nothing is.
    ///   - seconds: how long the run is.
    ///   - warmUp: how long nothing is broken at first. Seconds.
    ///   - timeToLive: of the workers' instances. Seconds.
    package init(
        _ kinds: [FaultKind], seconds: Double, warmUp: Double, timeToLive: Double,
        using generator: inout some RandomNumberGenerator
    ) {
        var faults: [Fault] = []
        var deck: [FaultKind] = []
        var start = warmUp
        while !kinds.isEmpty {
            if deck.isEmpty { deck = kinds.shuffled(using: &generator) }
            let kind = deck.removeLast()
            let span = Double.random(in: kind.span, using: &generator) * timeToLive
            guard start + span + Self.calm * timeToLive <= seconds else { break }
            faults.append(Fault(kind: kind, start: start, span: span, choice: generator.next()))
            start += span + Double.random(in: Self.recovery, using: &generator) * timeToLive
        }
        self.faults = faults
    }
}
