// SPDX-License-Identifier: Apache-2.0

/// What one response said of one limit. What it did not say, or said in a form that cannot be used, is `nil`: never
/// zero.
///
/// The ledger learns from readings of paced windows that say ``limit``, and from others that say ``limit``, ``used``
/// and ``available``, and in which the three agree.
public struct LimitReading: Sendable, Hashable {
    /// Whose limit: the product's (the client id), or that of the tenant that the call was for.
    public enum Scope: Sendable, Hashable {
        /// The product's: every call draws on it.
        case product
        /// The tenant's that the call was for.
        case tenant
    }

    /// Whose limit.
    public var scope: Scope
    /// Which limit: its name in the plan, or one that the plan does not have.
    public var name: LimitName
    /// The span over which the vendor counts, where both its unit and its number of units are plausible.
    public var window: Limit.Window?
    /// Calls allowed in a window, 1 to 1,000,000,000.
    public var limit: Int?
    /// Calls counted in the window so far, 0 to 1,000,000,000. May be more than the limit in a 429.
    public var used: Int?
    /// Calls left in the window, 0 to 1,000,000,000.
    public var available: Int?
    /// When the window ends, by the vendor's clock. Only a time that is plausible for the window.
    public var expiry: WallInstant?

    /// Makes a reading.
    public init(
        scope: Scope, name: LimitName, window: Limit.Window? = nil, limit: Int? = nil, used: Int? = nil,
        available: Int? = nil, expiry: WallInstant? = nil
    ) {
        (self.scope, self.name, self.window) = (scope, name, window)
        (self.limit, self.used, self.available, self.expiry) = (limit, used, available, expiry)
    }

    /// Whether the three counts are there and agree, so that the reading may count as an observation.
    ///
    /// They agree if `used + available == limit`. A rejection may report nothing available with at least the limit
    /// used.
    ///
    /// - Parameter isRejected: whether the response was a rejection; see ``VendorReading/isRejected``.
    package func isWhole(isRejected: Bool) -> Bool {
        guard let limit, let used, let available, limit >= 1, used >= 0, available >= 0 else { return false }
        let (sum, overflow) = used.addingReportingOverflow(available)
        return (!overflow && sum == limit) || (isRejected && available == 0 && used >= limit)
    }

    /// Whether the ledger can take the reading. Keap's always are; a vendor of a user's own may say anything.
    func isInRange(_ capacity: Int) -> Bool {
        guard (1...Limit.maximumCapacity).contains(capacity), used ?? 0 <= Limit.maximumCapacity else { return false }
        guard let window else { return true }
        return (try? Limit(name, capacity: capacity, window: window)) != nil
    }

    /// Whether the response said anything of use.
    var isEmpty: Bool { limit == nil && used == nil && available == nil && expiry == nil }

    /// Takes over what this reading leaves open.
    mutating func fill(from other: LimitReading) {
        window = window ?? other.window
        limit = limit ?? other.limit
        used = used ?? other.used
        available = available ?? other.available
        expiry = expiry ?? other.expiry
    }
}
