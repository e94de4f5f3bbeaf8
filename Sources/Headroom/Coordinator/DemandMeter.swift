// SPDX-License-Identifier: Apache-2.0

/// How many permits a lane takes, and how many it should therefore have in stock.
///
/// A stock is kept only at high rates, where a round trip for each call would be the limit: enough for the next 100 ms. At a
/// vendor's rate of some tens of calls a second permits are asked for when they are needed.
struct DemandMeter: Sendable {
    /// Permits asked for since the last measurement.
    var taken = 0
    /// Permits to have ready.
    private(set) var stock = 0
    private var since: Microseconds = 0

    static let span: Microseconds = 100_000
    static let minimum = 8
    static let maximum = 100_000
    private static let shortest: Microseconds = 5_000

    var isIdle: Bool { taken == 0 && stock == 0 }

    mutating func measure(at now: Microseconds) {
        let elapsed = now - since
        guard elapsed >= Self.shortest else { return }
        // Never more than was taken: a few calls within milliseconds are no rate.
        let needed = Int(Int64(taken) * Self.span / max(elapsed, Self.span))
        stock = min(Self.maximum, max(needed, stock / 2))
        if stock < Self.minimum { stock = 0 }
        (taken, since) = (0, now)
    }
}
