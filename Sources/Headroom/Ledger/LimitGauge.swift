// SPDX-License-Identifier: Apache-2.0

/// One limit as it stands after an exchange.
public struct LimitGauge: Sendable, Hashable {
    /// Which limit.
    public var limit: LimitReference
    /// The capacity in force: configured, or learned.
    public var capacity: Int64
    /// Calls that count: spent in the window, and outstanding. 0 for a paced limit.
    public var count: Int64
    /// The vendor's count minus the ledger's own, as it counts now.
    public var drift: Int64
    /// Calls left unused because 429s taught so; a paced limit's margin in millionths.
    public var cushion: Int64
    /// How long nothing is granted after a 429; zero if there is no pause.
    public var pausedFor: Duration
    /// The time until the day ends; zero for other windows.
    public var resetsIn: Duration

    package init(
        limit: LimitReference, capacity: Int64, count: Int64, drift: Int64, cushion: Int64, pausedFor: Duration,
        resetsIn: Duration
    ) {
        self.limit = limit
        self.capacity = capacity
        self.count = count
        self.drift = drift
        self.cushion = cushion
        self.pausedFor = pausedFor
        self.resetsIn = resetsIn
    }

    /// Calls of the limit that are taken: counted, and the vendor's excess over the ledger's own count.
    public var used: Int64 { count + drift }
}
