// SPDX-License-Identifier: Apache-2.0

/// One value for calls that name no tenant, in place, and one for each tenant that has one.
///
/// A single tenant, or none, is the common case on the hot path: the value of calls without a tenant costs no hashing.
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

    /// All values, the one without a tenant first.
    var all: [(tenant: Tenant?, value: Value)] { [(nil, plain)] + named.map { ($0.key, $0.value) } }
}

extension TenantTable: Sendable where Value: Sendable {}
