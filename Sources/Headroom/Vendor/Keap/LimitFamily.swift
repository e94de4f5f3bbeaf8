// SPDX-License-Identifier: Apache-2.0

/// A set of headers that begin alike and speak of the same limit.
enum LimitFamily: Int {
    case productThrottle, productQuota, legacyThrottle, legacyQuota, tenantThrottle

    /// Every family, with the text its headers begin with. The current ones come before the legacy
    /// ones, and so win over them. In the order of the raw values.
    static let prefixes: [(text: StaticString, family: LimitFamily)] = [
        ("x-keap-product-throttle-", .productThrottle),
        ("x-keap-product-quota-", .productQuota),
        ("x-apigee-product-throttle-", .legacyThrottle),
        ("x-apigee-product-quota-", .legacyQuota),
        ("x-keap-tenant-throttle-", .tenantThrottle),
    ]

    var scope: LimitReading.Scope { self == .tenantThrottle ? .tenant : .product }

    /// The limit that a single value without a time unit speaks of.
    var ownName: LimitName {
        switch self {
        case .productThrottle, .tenantThrottle, .legacyThrottle: .throttle
        case .productQuota, .legacyQuota: .quota
        }
    }

    /// The limit that a part of a value without a time unit speaks of: the minute comes first, then the day.
    func name(at position: Int, of count: Int) -> LimitName? {
        if count == 1 { return ownName }
        return position == 0 ? .throttle : position == 1 ? .quota : nil
    }
}

/// What a header says of its family's limit: the end of its name.
enum LimitField: Int {
    case limit, timeUnit, interval, available, used, expiryTime

    /// Every field, with the text its headers end with. In the order of the raw values.
    static let suffixes: [(text: StaticString, field: LimitField)] = [
        ("limit", .limit),
        ("time-unit", .timeUnit),
        ("interval", .interval),
        ("available", .available),
        ("used", .used),
        ("expiry-time", .expiryTime),
    ]
}
