// SPDX-License-Identifier: Apache-2.0

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
