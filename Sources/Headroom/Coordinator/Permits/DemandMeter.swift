// SPDX-License-Identifier: Apache-2.0

/// How many permits a lane takes, and how many it should therefore have in stock.
///
/// A stock is kept only at high rates, where a round trip for each call would be the limit: what was taken in the
/// newest 50 ms, or in the 50 ms before. It is filled up when half of it is gone. So it doubles with each exchange when
/// a burst begins, is never more than was taken (a few calls within milliseconds are no rate), and is nothing once
/// nobody takes any more. At a vendor's rate of some tens of calls a second permits are asked for when they are needed.
struct DemandMeter: Sendable {
    /// Permits taken in the span that has begun.
    var taken = 0
    /// Permits to have ready.
    private(set) var stock = 0
    private var since: Microseconds = 0
    /// Permits taken in the span before, as if it had had its right length.
    private var before = 0

    static let span: Microseconds = 50_000
    static let minimum = 8
    static let maximum = 1_000_000

    var isIdle: Bool { taken == 0 && before == 0 && stock == 0 }

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
