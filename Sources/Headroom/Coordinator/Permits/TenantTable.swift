// SPDX-License-Identifier: Apache-2.0

/// A table with one value for calls that name no tenant, and one for each tenant that was given one.
///
/// The value of calls without a tenant, the common case on the hot path, lies in place and costs no hashing.
struct TenantTable<Value> {
    var plain: Value
    var named: [Tenant: Value] = [:]
    private let fresh: Value

    init(_ fresh: Value) { (plain, self.fresh) = (fresh, fresh) }

    subscript(tenant: Tenant?) -> Value {
        _read {
            if let tenant {
                yield named[tenant] ?? fresh
            } else {
                yield plain
            }
        }
        _modify {
            if let tenant {
                let fresh = fresh
                yield &named[tenant, default: fresh]
            } else {
                yield &plain
            }
        }
    }

    /// Changes all values in place.
    mutating func forEach(_ body: (Tenant?, inout Value) -> Void) {
        body(nil, &plain)
        for index in named.indices { body(named.keys[index], &named.values[index]) }
    }

    /// All values, that of calls without a tenant first.
    var all: [(tenant: Tenant?, value: Value)] { [(nil, plain)] + named.map { ($0.key, $0.value) } }
}

extension TenantTable: Sendable where Value: Sendable {}

/// A count in all and by tenant. Only tenants with a count above 0 are kept.
struct TenantCounts: Sendable {
    private(set) var count = 0
    private var counts = TenantTable(0)

    mutating func add(_ tenant: Tenant?) {
        count += 1
        counts[tenant] += 1
    }

    mutating func remove(_ tenant: Tenant?) {
        count -= 1
        counts[tenant] -= 1
        if let tenant, counts[tenant] == 0 { counts.named[tenant] = nil }
    }

    mutating func removeAll() -> [(tenant: Tenant?, count: Int)] {
        let all = counts.all.filter { $0.value > 0 }.map { (tenant: $0.tenant, count: $0.value) }
        self = TenantCounts()
        return all
    }
}

/// A table with one value for each priority, in place.
struct PerPriority<Value> {
    private var background: Value
    private var normal: Value
    private var interactive: Value

    init(_ make: () -> Value) { (background, normal, interactive) = (make(), make(), make()) }

    subscript(priority: Priority) -> Value {
        _read {
            switch priority {
            case .background: yield background
            case .normal: yield normal
            case .interactive: yield interactive
            }
        }
        _modify {
            switch priority {
            case .background: yield &background
            case .normal: yield &normal
            case .interactive: yield &interactive
            }
        }
    }
}

extension PerPriority: Sendable where Value: Sendable {}
