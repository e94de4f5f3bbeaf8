// SPDX-License-Identifier: Apache-2.0

extension RateCoordinator {
    /// How a coordinator behaves. The defaults suit most.
    ///
    /// Shares are fractions, 0...1. A value out of its range is taken as the nearer end of the range, one that is no
    /// number as the default; of ``warnAt`` such a share is left out. The coordinator's logger gets a warning that says
    /// so.
    public struct Configuration: Sendable {
        /// How long callers wait that give ``Timeout/configured``, the default; `nil`: until the task is cancelled;
        /// zero or less: only for what is there at once. Default: 60 s.
        public var timeout: Duration? = .seconds(60)
        /// This instance's part in equal shares, 1...100. Default: 1.
        public var weight = 1
        /// The share of every window and of the day that background calls leave to others, 0...1. Default: 0.2.
        public var backgroundFloor = 0.2
        /// The share of every window and of the day that normal calls leave to interactive ones, 0...1. Default: 0.
        public var normalFloor = 0.0
        /// The share of calls that may be rejected by limits, 0...0.1: cushions settle there. Default: 0.001.
        public var tolerance = 0.001
        /// How long the ledger may hear nothing of the instance before what it has in hand counts as spent, 1 s to 1 h.
        /// Default: 10 s.
        public var timeToLive: Duration = .seconds(10)
        /// How long the end of a lease may wait to be reported, 0 to a quarter of ``timeToLive``. Default: 100 ms.
        public var settleDelay: Duration = .milliseconds(100)
        /// How long a lease may last before it counts as spent, 1 ms at least. Default: 5 min.
        public var leaseMaximum: Duration = .seconds(300)
        /// What happens while the ledger is out of reach. Default: each instance works from its safe share.
        public var ledgerOutagePolicy = LedgerOutagePolicy.share
        /// How long the ledger may leave a call unanswered before that happens, 50 ms to 60 s. Default: 500 ms.
        public var ledgerPatience: Duration = .milliseconds(500)
        /// The shares of a limit at which an event says that it is near, 0...1. Default: 0.8 and 0.95.
        public var warnAt = [0.8, 0.95]
        /// The most callers that wait at one time, 1 at least; more fail. Default: 10,000.
        public var maximumWaiters = 10_000
        /// The most events kept for a subscriber that does not read them, 1 at least; the newest are kept.
        /// Default: 256.
        public var eventBuffer = 256

        /// Makes a configuration with the defaults.
        public init() {}

        var floors: LedgerSettings.Floors {
            .init(
                background: Int((backgroundFloor * 1000).rounded()), normal: Int((normalFloor * 1000).rounded()))
        }
    }
}

extension RateCoordinator.Configuration {
    /// The same with every value in its range, and a line for each that was not.
    var inRange: (configuration: Self, warnings: [String]) {
        var (copy, warnings) = (self, [String]())
        func keep<Value: Comparable>(_ path: WritableKeyPath<Self, Value>, _ range: ClosedRange<Value>, _ name: String)
        {
            let value = copy[keyPath: path]
            guard !range.contains(value) else { return }
            let (lower, upper) = (range.lowerBound, range.upperBound)
            // What is neither is no number.
            copy[keyPath: path] = value < lower ? lower : value > upper ? upper : Self()[keyPath: path]
            warnings.append(
                "configuration: \(name) is \(value), not in \(lower)...\(upper); \(copy[keyPath: path]) is used")
        }
        keep(\.weight, 1...100, "weight")
        keep(\.backgroundFloor, 0...1, "backgroundFloor")
        keep(\.normalFloor, 0...1, "normalFloor")
        keep(\.tolerance, 0...0.1, "tolerance")
        keep(\.timeToLive, .seconds(1) ... .seconds(3600), "timeToLive")
        keep(\.settleDelay, .zero...copy.timeToLive / 4, "settleDelay")
        keep(\.leaseMaximum, .milliseconds(1) ... .seconds(Int64.max), "leaseMaximum")
        keep(\.ledgerPatience, .milliseconds(50) ... .seconds(60), "ledgerPatience")
        keep(\.maximumWaiters, 1 ... .max, "maximumWaiters")
        keep(\.eventBuffer, 1 ... .max, "eventBuffer")
        for level in warnAt where !(0...1).contains(level) {
            warnings.append("configuration: warnAt has \(level), not in 0.0...1.0; it is left out")
        }
        copy.warnAt = warnAt.filter { (0...1).contains($0) }
        return (copy, warnings)
    }
}

extension RateCoordinator {
    /// What a coordinator does while its ledger is out of reach for longer than ``Configuration/ledgerPatience``.
    public enum LedgerOutagePolicy: String, Sendable, Hashable, CaseIterable {
        /// It works from its safe share: each limit divided by the instances last seen alive. One that never reached
        /// its ledger knows no share, and waits.
        case share
        /// Nobody is granted anything; callers wait until the ledger is back, or their timeout has come.
        case wait
        /// Callers get an error at once.
        case fail
        /// Everybody is granted everything: only the vendor limits.
        case unlimited
    }
}
