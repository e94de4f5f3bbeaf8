// SPDX-License-Identifier: Apache-2.0

/// Calls that are interchangeable to the ledger: of one tenant, or of none, at one priority.
struct Lane: Sendable, Hashable {
    var tenant: Tenant?
    var priority: Priority
}

/// One value for each priority, in place.
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
