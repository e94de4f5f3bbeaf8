// SPDX-License-Identifier: Apache-2.0

/// What one vendor allows one kind of key: the limits of the product (client id) and of each tenant.
///
/// Figures of Keap's plans: the vendor's API documentation, as of 2026-11. What the headers say wins at run time.
public struct Plan: Sendable, Hashable {
    /// A short name: `keap-oauth`, `keap-pat`, `keap-sak`, or a user's own.
    public let name: String
    /// The limits that all calls draw on, 1 to 8, names unique.
    public let productLimits: [Limit]
    /// The limits of each tenant, drawn on as well by calls that name one; 0 to 8, names unique.
    public let tenantLimits: [Limit]

    /// Most limits that one budget can have.
    public static let maximumLimits = 8

    /// Makes a plan of a user's own.
    ///
    /// - Throws: ``LimitError`` where there is no product limit, more than 8 in a budget, or a name twice.
    public init(name: String, productLimits: [Limit], tenantLimits: [Limit] = []) throws(LimitError) {
        guard !productLimits.isEmpty else {
            throw LimitError("plan '\(name)' has no product limit; give at least one")
        }
        for limits in [productLimits, tenantLimits] {
            guard limits.count <= Self.maximumLimits else {
                throw LimitError(
                    "plan '\(name)' has \(limits.count) limits in one budget; at most \(Self.maximumLimits)")
            }
            guard Set(limits.map(\.name)).count == limits.count else {
                throw LimitError(
                    "plan '\(name)' names a limit twice: \(limits.map(\.name.text).joined(separator: ", "))")
            }
        }
        self.init(known: name, productLimits, tenantLimits)
    }

    /// For plans of this package, whose limits are known to be right.
    init(known name: String, _ productLimits: [Limit], _ tenantLimits: [Limit]) {
        (self.name, self.productLimits, self.tenantLimits) = (name, productLimits, tenantLimits)
    }

    /// An OAuth client id: 25 a second, 1500 a minute, 150,000 a day, over all tenants it reaches.
    public static let keapOAuth = Plan(keap: "keap-oauth", second: 25, minute: 1_500, day: 150_000)
    /// A personal access token: 10 a second, 240 a minute, 30,000 a day.
    public static let keapPersonalAccessToken = Plan(keap: "keap-pat", second: 10, minute: 240, day: 30_000)
    /// A service account key: 10 a second, 240 a minute, 30,000 a day.
    public static let keapServiceAccountKey = Plan(keap: "keap-sak", second: 10, minute: 240, day: 30_000)

    private init(keap name: String, second: Int, minute: Int, day: Int) {
        self.init(
            known: name,
            [
                Limit(known: .spike, second, .paced(.seconds(1))),
                Limit(known: .throttle, minute, .rolling(.seconds(60))),
                Limit(known: .quota, day, .day),
            ],
            [
                Limit(known: .throttle, 10_000, .rolling(.seconds(60))),
                Limit(known: .quota, 250_000, .day),
            ])
    }
}
