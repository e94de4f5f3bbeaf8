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
