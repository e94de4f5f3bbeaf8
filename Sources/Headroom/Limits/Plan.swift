// SPDX-License-Identifier: Apache-2.0

/// What one vendor allows one kind of key: the limits of the product (client id) and of each tenant, and the vendor
/// whose responses say more of them.
///
/// Two plans are equal if their names, their limits and their vendors' names are.
public struct Plan: Sendable, Hashable {
    /// A short name: `keap-oauth`, `keap-pat`, `keap-sak`, or a user's own.
    public let name: String
    /// Reads the responses, and says which limit rejected a call.
    public var vendor: any Vendor { named.vendor }
    /// The limits that all calls draw on, 1 to 8, names unique.
    public let productLimits: [Limit]
    /// The limits of each tenant, drawn on as well by calls that name one; 0 to 8, names unique.
    public let tenantLimits: [Limit]

    private let named: NamedVendor

    /// Most limits that one budget can have.
    package static let maximumLimits = 8

    /// Makes a plan of a user's own.
    ///
    /// - Parameters:
    ///   - name: a short name, for logs.
    ///   - vendor: reads the responses, a type of one's own. Plans of Keap's are made by
    ///     ``keap(name:productLimits:tenantLimits:)``.
    ///   - productLimits: the limits that all calls draw on, 1 to 8, names unique.
    ///   - tenantLimits: the limits of each tenant, 0 to 8, names unique. Default: none.
    /// - Throws: ``RateLimitError`` with the code `invalidPlan` if there is no product limit, more than 8 in a
    ///   budget, or a name twice.
    public init(
        name: String, vendor: some Vendor, productLimits: [Limit], tenantLimits: [Limit] = []
    ) throws(RateLimitError) {
        guard !productLimits.isEmpty else {
            throw RateLimitError(.invalidPlan, "plan '\(name)' has no product limit; give at least one")
        }
        for limits in [productLimits, tenantLimits] {
            guard limits.count <= Self.maximumLimits else {
                throw RateLimitError(
                    .invalidPlan,
                    "plan '\(name)' has \(limits.count) limits in one budget; at most \(Self.maximumLimits)")
            }
            guard Set(limits.map(\.name)).count == limits.count else {
                throw RateLimitError(
                    .invalidPlan,
                    "plan '\(name)' names a limit twice: \(limits.map(\.name.text).joined(separator: ", "))")
            }
        }
        self.init(known: name, vendor: vendor, productLimits, tenantLimits)
    }

    /// For plans of this package, whose limits are known to be right.
    init(known name: String, vendor: any Vendor, _ productLimits: [Limit], _ tenantLimits: [Limit]) {
        (self.name, named) = (name, NamedVendor(vendor: vendor))
        (self.productLimits, self.tenantLimits) = (productLimits, tenantLimits)
    }
}

/// A vendor, equal to others of its name.
private struct NamedVendor: Sendable, Hashable {
    let vendor: any Vendor

    static func == (left: NamedVendor, right: NamedVendor) -> Bool { left.vendor.name == right.vendor.name }

    func hash(into hasher: inout Hasher) { hasher.combine(vendor.name) }
}
