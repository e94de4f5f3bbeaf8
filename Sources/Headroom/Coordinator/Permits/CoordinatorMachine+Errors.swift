// SPDX-License-Identifier: Apache-2.0

extension CoordinatorMachine {
    /// The error of a caller for which nothing can come in time.
    func error(of advice: Advice, at now: Microseconds) -> RateLimitError {
        let availableIn = max(0, advice.availableAt - now)
        switch advice.cause {
        case .limit(let limit):
            let isDay = (watch[limit]?.resetsIn ?? 0) > 0
            return .exhausted(limit, availableIn: availableIn, isDay: isDay, wallNow: SystemClock.now())
        case .hold: return .onHold(availableIn: availableIn)
        case .learning: return .timedOut(short: nil, availableIn: 0)
        }
    }

    /// The error of a caller whose permit's slot is later than its deadline.
    func tooLate(_ slot: Microseconds, for lane: Lane, at now: Microseconds) -> RateLimitError {
        let paced = { (limits: [Limit]) in limits.first { if case .paced = $0.window { true } else { false } } }
        let name = paced(settings.plan.productLimits)?.name ?? .spike
        return .exhausted(LimitReference(.product, name), availableIn: slot - now, isDay: false, wallNow: 0)
    }

    /// The error of a caller whose timeout has come.
    func timedOut(_ lane: Lane, at now: Microseconds) -> RateLimitError {
        if fallback == nil, let failure = membership.failure { return .ledgerUnavailable(failure) }
        let advice = advice[lane]
        return .timedOut(short: advice?.limit, availableIn: (advice?.availableAt ?? now) - now)
    }
}
