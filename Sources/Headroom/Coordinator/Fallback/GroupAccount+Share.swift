// SPDX-License-Identifier: Apache-2.0

// What a safe share sets and changes in its account from outside.
extension GroupAccount {
    /// Changes a limit, if it is known.
    mutating func changeLimit(_ limit: LimitReference, _ body: (inout LimitAccount) -> Void) {
        func change(_ budget: inout BudgetAccount) {
            for index in budget.limits.indices where budget.limits[index].name == limit.name {
                body(&budget.limits[index])
            }
        }
        switch limit.scope {
        case .product: change(&product)
        case .tenant(let tenant): withTenant(tenant, change)
        }
    }

    /// A limit, and what is outstanding in its budget. `nil` if it is not known.
    func limit(_ limit: LimitReference) -> (LimitAccount, outstanding: Int64)? {
        let budget: BudgetAccount? =
            switch limit.scope {
            case .product: product
            case .tenant(let tenant): tenants[tenant]
            }
        guard let budget, let found = budget.limits.first(where: { $0.name == limit.name }) else { return nil }
        return (found, budget.outstanding)
    }

    /// Takes the addition of the beginning off the slots' margin.
    mutating func endCaution() {
        for index in product.limits.indices where product.limits[index].kind == .paced {
            let margin = product.limits[index].cushion - SafeShareBuilder.caution
            product.limits[index].cushion = max(SafeShareBuilder.margin, margin)
        }
    }

    /// Sets the number of calls that a part allows.
    mutating func allow(_ calls: Int64, of limit: LimitReference) {
        changeLimit(limit) { part in
            // A capacity is never 0: for no calls at all, the cushion covers the one call.
            part.capacity = max(1, calls)
            part.cushion = calls > 0 ? 0 : 1_000_000
        }
    }
}

extension LimitAccount {
    /// Takes in the state of the limit in the ledger's last answer.
    mutating func take(_ gauge: LimitGauge, age: Microseconds, at now: Int64) {
        cushion =
            kind == .paced
            ? min(gauge.cushion, Rules.marginMaximum) : min(gauge.cushion, Int64(Limit.maximumCapacity)) * 1_000_000
        guard gauge.pausedFor.microseconds > age else { return }
        pausedUntil = now + gauge.pausedFor.microseconds - age
        pauses = 1
    }
}
