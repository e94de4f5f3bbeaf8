// SPDX-License-Identifier: Apache-2.0

/// The values of the known headers of one response, as received, and what was wrong with them.
struct KnownHeaders {
    private var values: [String?] = Array(repeating: nil, count: HeaderKey.count)
    private var present: UInt64 = 0
    private(set) var ignored: [IgnoredHeader] = []

    /// Keeps a header if it is known. The first of several with one name wins.
    mutating func add(_ name: String, _ value: String) {
        guard let key = name.withBytes({ HeaderKey($0) }) else { return }
        if let earlier = values[key.slot] {
            if earlier != value { ignore(key, value, .duplicate) }
        } else {
            values[key.slot] = value
            present |= 1 << UInt64(key.slot)
        }
    }

    /// Whether there is any header of a family.
    func has(_ family: LimitFamily) -> Bool {
        let first = HeaderKey.limit(family, .limit).slot
        return present >> UInt64(first) & 0b11_1111 != 0
    }

    /// A header's value; nil where there is none.
    subscript(key: HeaderKey) -> String? { values[key.slot] }

    /// Drops a header that cannot be used, and says why.
    mutating func drop(_ key: HeaderKey, _ reason: IgnoredHeader.Reason) {
        guard let value = values[key.slot] else { return }
        values[key.slot] = nil
        ignore(key, value, reason)
    }

    /// What a header means, by a rule that is given its bytes without the blanks around them. Nil where the header is
    /// missing or blank, or where the rule finds it unusable, which is recorded.
    mutating func meaning<Value>(
        of key: HeaderKey, _ rule: (Bytes) -> Result<Value?, IgnoredHeader.Reason>
    ) -> Value? {
        guard let value = values[key.slot] else { return nil }
        let result = value.withBytes { bytes in
            let bytes = bytes.trimmed
            return bytes.isEmpty ? .success(nil) : rule(bytes)
        }
        switch result {
        case .success(let meaning): return meaning
        case .failure(let reason):
            ignore(key, value, reason)
            return nil
        }
    }

    private mutating func ignore(_ key: HeaderKey, _ value: String, _ reason: IgnoredHeader.Reason) {
        guard ignored.count < IgnoredHeader.maximumCount else { return }
        let entry = IgnoredHeader(name: key.name, value: value, reason: reason)
        if !ignored.contains(entry) { ignored.append(entry) }
    }
}

/// A header that the parser knows.
enum HeaderKey: Hashable {
    case limit(LimitFamily, LimitField)
    case spikeLimit, tenantID, date, retryAfter

    /// The headers that belong to no family.
    private static let singles: [(text: StaticString, key: HeaderKey)] = [
        ("x-keap-product-spike-limit", .spikeLimit),
        ("x-keap-tenant-id", .tenantID),
        ("date", .date),
        ("retry-after", .retryAfter),
    ]

    /// Recognises a header by its name, in any case; nil for all others.
    init?(_ name: Bytes) {
        guard let first = name.first else { return nil }
        switch Bytes.lowercase(first) {
        case UInt8(ascii: "x"):
            if let key = Self.ofFamily(name) ?? Self.single(name) { self = key } else { return nil }
        case UInt8(ascii: "d"), UInt8(ascii: "r"):
            if let key = Self.single(name) { self = key } else { return nil }
        default: return nil
        }
    }

    private static func ofFamily(_ name: Bytes) -> HeaderKey? {
        for (prefix, family) in LimitFamily.prefixes where name.starts(with: prefix) {
            let rest = name.piece(prefix.utf8CodeUnitCount, name.count)
            for (suffix, field) in LimitField.suffixes where rest.equals(suffix) { return .limit(family, field) }
            return nil
        }
        return nil
    }

    private static func single(_ name: Bytes) -> HeaderKey? {
        for (text, key) in singles where name.equals(text) { return key }
        return nil
    }

    /// How many headers are known.
    static let count = 5 * 6 + 4

    /// The header's place among all that are known: 0 to ``count`` - 1.
    var slot: Int {
        switch self {
        case .limit(let family, let field): family.rawValue * 6 + field.rawValue
        case .spikeLimit: 30
        case .tenantID: 31
        case .date: 32
        case .retryAfter: 33
        }
    }

    /// The header's name in lower case.
    var name: String {
        switch self {
        case .limit(let family, let field):
            "\(LimitFamily.prefixes[family.rawValue].text)\(LimitField.suffixes[field.rawValue].text)"
        case .spikeLimit, .tenantID, .date, .retryAfter:
            "\(Self.singles[slot - 30].text)"
        }
    }
}

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
