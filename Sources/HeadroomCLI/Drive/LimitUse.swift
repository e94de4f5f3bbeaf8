// SPDX-License-Identifier: Apache-2.0

/// The use of one limit, as a process last knew it.
package struct LimitUse: Sendable, Hashable, Codable {
    /// The limit's name.
    package var limit: String
    /// The tenant that it belongs to. `nil`: the product.
    package var tenant: String?
    /// Calls per window, configured or learned.
    package var capacity: Int64
    /// Calls taken: counted, and the vendor's excess over the own count.
    package var used: Int64
    /// The part of the capacity that is taken.
    package var share: Double
    /// The window, as `--limit` takes it. `nil` if it is not known.
    package var window: String?
    /// The window's length in seconds. `nil` unless the limit is paced: nothing is counted then, only spread.
    package var pacedSeconds: Double?
    /// How long nothing is granted after a 429. `nil` if the limit is not paused.
    package var pausedForSeconds: Double?
    /// When the day ends. `nil` for other windows.
    package var resetsInSeconds: Double?

    package init(limit: String, tenant: String? = nil, capacity: Int64, used: Int64) {
        (self.limit, self.tenant, self.capacity, self.used) = (limit, tenant, capacity, used)
        share = Self.share(used, capacity)
    }

    /// The same with another use.
    package func used(_ used: Int64) -> LimitUse {
        var copy = self
        (copy.used, copy.share) = (used, Self.share(used, capacity))
        return copy
    }

    /// The limit's name, with its tenant if it has one.
    package var title: String { tenant.map { "\(limit) of \($0)" } ?? limit }

    private static func share(_ used: Int64, _ capacity: Int64) -> Double {
        capacity > 0 ? (Double(used) / Double(capacity) * 10_000).rounded() / 10_000 : 0
    }
}
