// SPDX-License-Identifier: Apache-2.0

/// Which budget of a group: the product's (the client id), or one tenant's.
public enum BudgetScope: Sendable, Hashable, CustomStringConvertible {
    /// The client id's own budget, on which every call draws.
    case product
    /// One tenant's budget, on which the calls that name it draw as well.
    case tenant(Tenant)

    public var description: String {
        switch self {
        case .product: "product"
        case .tenant(let tenant): "tenant \(tenant)"
        }
    }
}

/// One limit of one budget: what errors, verdicts and events name.
public struct LimitReference: Sendable, Hashable, CustomStringConvertible {
    /// The budget that the limit belongs to.
    public let scope: BudgetScope
    /// The limit's name in that budget.
    public let name: LimitName

    /// Makes a reference.
    public init(_ scope: BudgetScope, _ name: LimitName) { (self.scope, self.name) = (scope, name) }

    public var description: String {
        switch scope {
        case .product: name.text
        case .tenant(let tenant): "\(name) of tenant \(tenant)"
        }
    }
}
