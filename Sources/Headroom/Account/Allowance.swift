// SPDX-License-Identifier: Apache-2.0

/// How much of a want the windows, days, pauses and holds of its budgets allow, and what is short.
struct Allowance {
    /// How many calls are allowed.
    private(set) var allowed: Int64
    private(set) var shortage: Shortage?
    /// The time until something can be had, in microseconds; 0 if something can be had now.
    var opensIn: Int64 { allowed == 0 ? shortage?.retryIn ?? 0 : 0 }

    init(
        _ budgets: [(scope: BudgetScope, state: BudgetAccount)], want: Want, floorPerMille: Int64, holdUntil: Int64,
        _ entitlement: Entitlement, at now: Int64
    ) {
        allowed = Int64(want.count)
        if holdUntil > now { restrict(to: 0, .hold, retryIn: holdUntil - now, availableIn: holdUntil - now) }
        for (scope, budget) in budgets {
            if !budget.isLearned {
                restrict(to: budget.probe(at: now), .learning, retryIn: Rules.retryLearning, availableIn: 0)
            }
            for limit in budget.limits {
                restrictByPause(of: limit, scope, budget, at: now)
                guard limit.kind != .paced else { continue }
                restrictByRemaining(of: limit, scope, budget, floorPerMille: floorPerMille, entitlement, at: now)
            }
        }
    }

    /// Allows nothing during the pause after a 429, and then a single call that finds out; a single call, too, if the
    /// drift is stale, as the strangers may be gone.
    private mutating func restrictByPause(
        of limit: LimitAccount, _ scope: BudgetScope, _ budget: BudgetAccount, at now: Int64
    ) {
        let cause = Shortage.Cause.limit(LimitReference(scope, limit.name))
        if limit.pausedUntil > now {
            let pause = limit.pausedUntil - now
            restrict(to: 0, cause, retryIn: pause, availableIn: limit.kind == .day ? limit.resetsAt - now : pause)
        }
        if limit.pauses > 0 || limit.isDriftStale(at: now) {
            restrict(to: budget.probe(at: now), cause, retryIn: Rules.retryLearning, availableIn: 0)
        }
    }

    /// Allows the instance's part of what is left of a limit; if nothing is left, a single call at most.
    private mutating func restrictByRemaining(
        of limit: LimitAccount, _ scope: BudgetScope, _ budget: BudgetAccount, floorPerMille: Int64,
        _ entitlement: Entitlement, at now: Int64
    ) {
        let cause = Shortage.Cause.limit(LimitReference(scope, limit.name))
        let (outstanding, probe) = (budget.outstanding, budget.probe(at: now))
        let remaining = limit.remaining(at: now, outstanding: outstanding, floorPerMille: floorPerMille)
        if remaining > 0 {
            let part = entitlement.part(of: remaining, limit, isProduct: scope == .product)
            restrict(to: part, cause, retryIn: Rules.retryMinimum, availableIn: 0)
            // The vendor's own figures may say less: then one call at a time finds out.
            let byVendor = limit.remainingByVendor(at: now, outstanding: outstanding, floorPerMille: floorPerMille)
            guard let byVendor, byVendor < remaining else { return }
            restrict(to: max(byVendor, probe), cause, retryIn: Rules.retryShare, availableIn: 0)
        } else if limit.mayProbe(at: now, remaining: remaining) {
            restrict(to: probe, cause, retryIn: Rules.retryLearning, availableIn: 0)
        } else {
            let wait = limit.wait(for: 1 - remaining, at: now, outstanding: outstanding)
            restrict(to: 0, cause, retryIn: wait.retryIn, availableIn: wait.availableIn)
        }
    }

    /// Takes in what one rule allows: the smallest allowance counts; of equal ones, the one that lasts longest.
    private mutating func restrict(to most: Int64, _ cause: Shortage.Cause, retryIn: Int64, availableIn: Int64) {
        guard most < allowed || (most == allowed && most == 0) else { return }
        let retryIn = max(retryIn, Rules.retryMinimum)
        if most < allowed || retryIn > (shortage?.retryIn ?? 0) {
            shortage = Shortage(cause: cause, retryIn: retryIn, availableIn: max(0, availableIn))
        }
        allowed = most
    }
}
