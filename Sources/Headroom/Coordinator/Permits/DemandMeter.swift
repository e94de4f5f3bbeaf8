// SPDX-License-Identifier: Apache-2.0

/// The measure of how many permits a lane takes, and so of how many it should have in stock.
///
/// The stock is the larger of two numbers: the permits taken since the current span of 50 ms began, and those taken in
/// the span before. It is filled up when half of it is gone. So the stock doubles with each exchange when a burst
/// begins, never exceeds what was taken (a few calls within milliseconds are no rate), and is 0 once nobody takes
/// permits any more. There is no stock below 8 permits: at a vendor's rate of some tens of calls a second, permits are
/// asked for when they are needed; only at high rates would a round trip for each call be the limit.
struct DemandMeter: Sendable {
    /// Permits taken in the current span.
    var taken = 0
    /// Permits to have ready.
    private(set) var stock = 0
    private var since: Microseconds = 0
    /// Permits taken in the span before, scaled to the length of a span.
    private var before = 0

    /// The length of a span in microseconds.
    static let span: Microseconds = 50_000
    /// The fewest permits that are a stock.
    static let minimum = 8
    /// The most permits that are a stock.
    static let maximum = 1_000_000

    var isIdle: Bool { taken == 0 && before == 0 && stock == 0 }

    /// Computes the stock, and begins a new span if the current one is over.
    mutating func measure(at now: Microseconds) {
        let elapsed = now - since
        if elapsed >= Self.span {
            before = Int(Int64(taken) * Self.span / elapsed)
            (taken, since) = (0, now)
        }
        stock = min(Self.maximum, max(taken, before))
        if stock < Self.minimum { stock = 0 }
    }
}
