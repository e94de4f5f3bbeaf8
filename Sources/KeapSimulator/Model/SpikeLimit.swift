// SPDX-License-Identifier: Apache-2.0

import Headroom

/// The limit of the shortest window, calls per second, and the policy that enforces it.
public struct SpikeLimit: Sendable, Hashable {
    /// Calls per window, at least 1.
    package let rate: Int
    /// The window's length, 1 ms to 31 days. Default: one second.
    package let window: Duration
    /// How the rate is enforced.
    package let policy: Policy

    /// How the rate is enforced.
    package enum Policy: Sendable, Hashable {
        /// At most `rate` calls in any span of one window.
        case sliding
        /// One call per `window / rate`, with a burst of a tenth of the rate, at least 1.
        case smoothing
        /// Every call goes to one of `processors` (1 to 64) by chance; each enforces its part of the rate by itself.
        case divided(processors: Int, sliding: Bool = false)
    }

    /// Makes a limit: at most `rate` calls in any span of one window.
    ///
    /// - Throws: an error that says what would be right, if rate or window is out of range.
    public init(_ rate: Int, per window: Duration = .seconds(1)) throws {
        try self.init(checking: rate, per: window)
    }

    /// - Throws: ``SimulatorError`` if rate, window or the number of processors is out of range.
    package init(
        checking rate: Int, per window: Duration = .seconds(1), policy: Policy = .sliding
    ) throws(SimulatorError) {
        _ = try WindowLimit(checking: rate, per: window, counting: .rolling)
        if case .divided(let processors, _) = policy, !(1...64).contains(processors) {
            throw SimulatorError("spike divided over \(processors) processors: the number is not in 1...64")
        }
        self.init(known: rate, window, policy)
    }

    /// For values known to be in range.
    init(known rate: Int, _ window: Duration = .seconds(1), _ policy: Policy = .sliding) {
        (self.rate, self.window, self.policy) = (rate, window, policy)
    }

    /// The same rate under another policy.
    ///
    /// - Throws: ``SimulatorError`` if the number of processors is out of range.
    package func enforced(by policy: Policy) throws(SimulatorError) -> SpikeLimit {
        try SpikeLimit(checking: rate, per: window, policy: policy)
    }
}
