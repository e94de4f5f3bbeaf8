// SPDX-License-Identifier: Apache-2.0

/// Traffic of others that draws on the same limits. It obeys them: a rejected call is not made again.
public struct Strangers: Sendable, Hashable {
    /// Calls per minute on average, 1 to 6,000,000.
    package let perMinute: Int
    /// The spread of the calls over time.
    package let shape: Shape
    /// Which budgets the calls draw on.
    package let target: Target

    /// How calls are spread over time.
    public enum Shape: Sendable, Hashable {
        /// Evenly: one in each part of the minute, at a moment within the part by chance.
        case steady
        /// In the first third of each period only, at three times the average rate.
        case bursts(every: Duration)
    }

    /// The budgets that strangers' calls draw on.
    public enum Target: Sendable, Hashable {
        /// The product's: another user of the same client id, with tenants that do not matter here.
        case product
        /// One tenant's: another integration of the tenant, with a client id of its own.
        case tenant(String)
        /// Both: another user of the same client id, calling the same tenant.
        case productAndTenant(String)
    }

    /// The period of bursts if none is given: 15 s.
    package static let defaultPeriod = Duration.seconds(15)

    /// Makes a stream of calls.
    ///
    /// - Throws: an error that says what would be right, if the rate or the period (100 ms to an hour, at least one
    ///   call each) is out of range.
    public init(perMinute: Int, shape: Shape = .steady, target: Target = .product) throws {
        try self.init(checking: perMinute, shape: shape, target: target)
    }

    /// - Throws: ``SimulatorError`` if the rate or the period is out of range.
    package init(
        checking perMinute: Int, shape: Shape = .steady, target: Target = .product
    ) throws(SimulatorError) {
        guard (1...6_000_000).contains(perMinute) else {
            throw SimulatorError("strangers at \(perMinute) calls per minute: the rate is not in 1...6000000")
        }
        if case .bursts(let period) = shape {
            guard period >= .milliseconds(100), period <= .seconds(3_600) else {
                throw SimulatorError("strangers' bursts every \(period): the period is not between 100 ms and 1 h")
            }
            guard period * perMinute >= .seconds(60) else {
                throw SimulatorError(
                    "strangers' bursts every \(period) at \(perMinute) calls per minute are less than one call each")
            }
        }
        (self.perMinute, self.shape, self.target) = (perMinute, shape, target)
    }
}
