// SPDX-License-Identifier: Apache-2.0

extension RateCoordinator {
    /// How a coordinator behaves. The defaults suit Keap.
    public struct Configuration: Sendable {
        /// How long ``RateCoordinator/acquire(tenant:priority:label:)`` waits where no timeout is given; nil: for ever.
        /// Default: 60 s.
        public var timeout: Duration? = .seconds(60)
        /// This instance's part in equal shares, 1...100. Default: 1.
        public var weight = 1
        /// What each priority leaves unused of every window and of the day. Default: 20 % for background.
        public var floors = LedgerSettings.Floors()
        /// The share of calls that may be answered with 429, in millionths, 0...100,000. Default: 1000 (0.1 %).
        public var tolerance = 1000
        /// How long the instance may be silent before what it holds counts as spent, 1 s to 1 h. Default: 10 s.
        public var timeToLive: Duration = .seconds(10)
        /// How long the end of a lease may wait to be told. Default: 100 ms.
        public var settleDelay: Duration = .milliseconds(100)
        /// How long a lease may last before it counts as spent. Default: 5 min.
        public var leaseMaximum: Duration = .seconds(300)
        /// What happens while the ledger is out of reach. Default: each instance works from its safe share.
        public var ledgerOutagePolicy = LedgerOutagePolicy.share
        /// How long the ledger may leave a call unanswered before that happens, 50 ms to 60 s. Default: 500 ms.
        public var ledgerPatience: Duration = .milliseconds(500)
        /// Shares of a limit at which an event tells that it is near, 0...1. Default: 80 % and 95 %.
        public var warnAt: [Double] = [0.8, 0.95]
        /// Most callers that wait at one time; more are refused. Default: 10,000.
        public var maximumWaiters = 10_000
        /// Most events kept for a subscriber that does not read them; the newest are kept. Default: 256.
        public var eventBuffer = 256

        /// Makes a configuration with the defaults.
        public init() {}

        /// The same with every value in its range.
        var clamped: Configuration {
            var clamped = self
            clamped.weight = min(max(weight, 1), 100)
            clamped.timeToLive = min(max(timeToLive, .seconds(1)), .seconds(3600))
            clamped.settleDelay = min(max(settleDelay, .zero), timeToLive / 4)
            clamped.leaseMaximum = max(leaseMaximum, .milliseconds(1))
            clamped.ledgerPatience = min(max(ledgerPatience, .milliseconds(50)), .seconds(60))
            clamped.warnAt = warnAt.filter { (0...1).contains($0) }
            clamped.maximumWaiters = max(1, maximumWaiters)
            clamped.eventBuffer = max(1, eventBuffer)
            return clamped
        }
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
