// SPDX-License-Identifier: Apache-2.0

// Figures of Keap's plans: the vendor's API documentation, as of 2026-11. What the headers say wins at run time.
extension Plan {
    /// An OAuth client id: 25 a second, 1500 a minute, 150,000 a day, over all tenants it reaches.
    public static let keapOAuth = Plan(keap: "keap-oauth", second: 25, minute: 1_500, day: 150_000)
    /// A personal access token: 10 a second, 240 a minute, 30,000 a day.
    public static let keapPersonalAccessToken = Plan(keap: "keap-pat", second: 10, minute: 240, day: 30_000)
    /// A service account key: 10 a second, 240 a minute, 30,000 a day.
    public static let keapServiceAccountKey = Plan(keap: "keap-sak", second: 10, minute: 240, day: 30_000)

    /// A plan of Keap's with other limits.
    ///
    /// - Parameters:
    ///   - name: a short name, for logs.
    ///   - productLimits: the limits that all calls draw on, 1 to 8, names unique.
    ///   - tenantLimits: the limits of each tenant, 0 to 8, names unique. Default: none.
    /// - Throws: ``RateLimitError`` with the code `invalidPlan`, as other plans do.
    public static func keap(
        name: String, productLimits: [Limit], tenantLimits: [Limit] = []
    ) throws(RateLimitError) -> Plan {
        try Plan(name: name, vendor: Keap(), productLimits: productLimits, tenantLimits: tenantLimits)
    }

    /// The same, for this package's programs and tests.
    package init(name: String, productLimits: [Limit], tenantLimits: [Limit] = []) throws(RateLimitError) {
        self = try .keap(name: name, productLimits: productLimits, tenantLimits: tenantLimits)
    }

    private init(keap name: String, second: Int, minute: Int, day: Int) {
        self.init(
            known: name, vendor: Keap(),
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

// The names of Keap's limits.
extension LimitName {
    /// Keap's limit of calls a second, paced.
    public static let spike = LimitName(known: "spike")
    /// Keap's limit of calls a minute.
    public static let throttle = LimitName(known: "throttle")
    /// Keap's limit of calls a day.
    public static let quota = LimitName(known: "quota")
}
