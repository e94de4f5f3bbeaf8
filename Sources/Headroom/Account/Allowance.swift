// SPDX-License-Identifier: Apache-2.0

/// How much of a want the windows, days and holds of its budgets allow, and what is short.
struct Allowance {
    private(set) var count: Int64
    private(set) var shortage: Shortage?
    /// When something can be had, from now: 0 where something can be had already.
    var opensIn: Int64 { count == 0 ? shortage?.retryIn ?? 0 : 0 }

    init(
        _ budgets: [(scope: BudgetScope, state: BudgetAccount)], want: Want, floor: Int64, holdUntil: Int64,
        entitlement: Entitlement,
        at now: Int64
    ) {
        count = Int64(want.count)
        if holdUntil > now { restrict(to: 0, .hold, retryIn: holdUntil - now, availableIn: holdUntil - now) }
        for (scope, budget) in budgets {
            let probe = budget.probe(at: now)
            if !budget.isLearned { restrict(to: probe, .learning, retryIn: Rules.retryLearning, availableIn: 0) }
            for limit in budget.limits {
                let cause = Shortage.Cause.limit(LimitReference(scope, limit.name))
                heedPause(of: limit, cause, probe: probe, at: now)
                guard limit.kind != .paced else { continue }
                let remaining = limit.remaining(at: now, outstanding: budget.outstanding, floor: floor)
                if remaining > 0 {
                    let part = entitlement.part(of: remaining, limit, isProduct: scope == .product)
                    restrict(to: part, cause, retryIn: Rules.retryMinimum, availableIn: 0)
                    // The vendor's own figures say less: one call at a time finds out.
                    let told = limit.told(at: now, outstanding: budget.outstanding, floor: floor) ?? remaining
                    guard told < remaining else { continue }
                    restrict(to: max(told, probe), cause, retryIn: Rules.retryShare, availableIn: 0)
                } else if limit.mayProbe(at: now, remaining: remaining) {
                    restrict(to: probe, cause, retryIn: Rules.retryLearning, availableIn: 0)
                } else {
                    let wait = limit.wait(for: 1 - remaining, at: now, outstanding: budget.outstanding)
                    restrict(to: 0, cause, retryIn: wait.retryIn, availableIn: wait.availableIn)
                }
            }
        }
    }

    /// After a 429 nothing is granted for a while, then a single call finds out; so does one where strangers may be
    /// gone.
    private mutating func heedPause(of limit: LimitAccount, _ cause: Shortage.Cause, probe: Int64, at now: Int64) {
        if limit.pausedUntil > now {
            let pause = limit.pausedUntil - now
            restrict(to: 0, cause, retryIn: pause, availableIn: limit.kind == .day ? limit.resetsAt - now : pause)
        }
        if limit.pauses > 0 || limit.isDriftStale(at: now) {
            restrict(to: probe, cause, retryIn: Rules.retryLearning, availableIn: 0)
        }
    }

    /// The smallest allowance counts; of equal ones, the one that lasts longest.
    private mutating func restrict(to most: Int64, _ cause: Shortage.Cause, retryIn: Int64, availableIn: Int64) {
        guard most < count || (most == count && most == 0) else { return }
        let retryIn = max(retryIn, Rules.retryMinimum)
        if most < count || retryIn > (shortage?.retryIn ?? 0) {
            shortage = Shortage(cause: cause, retryIn: retryIn, availableIn: max(0, availableIn))
        }
        count = most
    }
}
