// SPDX-License-Identifier: Apache-2.0

/// The account of one budget: its limits, and what is outstanding.
package struct BudgetAccount: Sendable, Hashable {
    /// Permits granted and not settled.
    package var outstanding: Int64 = 0
    /// When the newest permit was granted.
    package var grantedAt: Int64 = 0
    /// Whether the vendor's figures are known, or the vendor was seen to send none.
    package var isLearned = false
    /// Calls spent while the budget was not learned.
    package var probes: Int64 = 0
    /// The time before which calls without an observation prove nothing: instances may still have to report what they
    /// spent.
    package var learnsAt: Int64 = 0
    /// When the budget was last used.
    package var touched: Int64 = 0
    /// The group's ``GroupAccount/revision`` by which the limits were configured.
    package var revision: Int64 = 0
    package var limits: [LimitAccount]

    package init(_ limits: [Limit]) {
        self.limits = limits.map { LimitAccount($0) }
        isLearned = limits.isEmpty
    }

    mutating func advance(to now: Int64) {
        touched = now
        for index in limits.indices { limits[index].advance(to: now) }
    }

    /// Ends permits. A budget that began anew meanwhile knows less of them than there are.
    mutating func giveBack(_ count: Int64) { outstanding = max(0, outstanding - count) }

    /// How many calls may find out what the vendor does now: one, unless a call is out whose answer may still say it.
    func probe(at now: Int64) -> Int64 { outstanding == 0 || now - grantedAt >= Rules.probePatience ? 1 : 0 }

    /// Whether the vendor counted more of late than all own calls can account for.
    func hasStrangers(at now: Int64) -> Bool {
        limits.contains { $0.kind == .rolling && $0.strangersAt > 0 && now - $0.strangersAt <= Rules.strangersSteady }
    }

    mutating func spend(_ count: Int64) {
        for index in limits.indices { limits[index].spend(count) }
        guard !isLearned else { return }
        probes += count
        if probes >= Rules.probes, touched >= learnsAt { isLearned = true }
    }

    mutating func accept(_ count: Int64, tolerance: Int64, at now: Int64) {
        for index in limits.indices { limits[index].accept(count, tolerance: tolerance, at: now) }
    }

    mutating func settleDrift(at now: Int64) {
        for index in limits.indices { limits[index].settleDrift(at: now, outstanding: outstanding) }
    }

    /// The pace of the slowest rolling window, a little faster than its capacity allows. `nil` if there is no rolling
    /// window: a day gives no pace, as nobody queues over hours.
    var windowPace: Pace? {
        limits.filter { $0.kind == .rolling }.map {
            min($0.window * Rules.turnSpacingPerMille / $0.capacity, Rules.turnSpacingMaximum)
        }.max()
            .map { Pace(spacing: $0) }
    }

    private func indexOfLimit(named name: LimitName) -> Int? { limits.firstIndex { $0.name == name } }
}

// What the vendor says.
extension BudgetAccount {
    mutating func observe(_ observation: Observation, at now: Int64) {
        guard let index = learnLimit(observation, at: now) else { return }
        if let expiry = observation.expiry {
            let offset = observation.date.map { now - $0 - observation.age } ?? 0
            guard limits[index].resetDay(at: expiry + offset, now: now) else { return }
        }
        guard let used = observation.used, let mark = observation.mark, limits[index].kind != .paced else { return }
        limits[index].observe(used: Int64(used), mark: mark, at: now, outstanding: outstanding)
        isLearned = true
    }

    /// The limit that an observation speaks of, with the capacity that it reports taken in. A limit that was not known
    /// comes into being. `nil` if it cannot.
    private mutating func learnLimit(_ observation: Observation, at now: Int64) -> Int? {
        let capacity = Int64(observation.capacity)
        if let known = indexOfLimit(named: observation.limit.name) {
            limits[known].learn(capacity: capacity)
            return known
        }
        guard let window = observation.window, limits.count < Plan.maximumLimits else { return nil }
        if case .paced = window { return nil }
        limits.append(LimitAccount(name: observation.limit.name, window: window, capacity: capacity))
        limits[limits.count - 1].advance(to: now)
        return limits.count - 1
    }

    mutating func reject(_ rejection: RejectionReport, jitter: Int64, at now: Int64) {
        guard let index = indexOfLimit(named: rejection.limit.name) else {
            return pauseFirst(retryAfter: rejection.retryAfter, jitter: jitter, at: now)
        }
        limits[index].reject(
            Int64(rejection.count), mark: rejection.mark, retryAfter: rejection.retryAfter, jitter: jitter, at: now,
            outstanding: outstanding)
    }

    /// Takes in a 429 of a limit that the budget does not have: nothing to learn from, but a pause is due. The first
    /// limit that is not paced has it.
    private mutating func pauseFirst(retryAfter: Int64, jitter: Int64, at now: Int64) {
        guard let index = limits.firstIndex(where: { $0.kind != .paced }) else { return }
        let pause = max(retryAfter, Rules.pauseFirst * (750 + jitter / 2) / 1000)
        limits[index].pausedUntil = max(limits[index].pausedUntil, now + pause)
    }
}

// What the plan says.
extension BudgetAccount {
    /// Takes the limits of a plan: what is known of a limit of the same name and window stays, what was spent also
    /// if the window is another.
    mutating func configure(_ plan: [Limit], at now: Int64) {
        var configured = plan.map { configureLimit($0, at: now) }
        for seen in limits where seen.configured == 0 && configured.count < Plan.maximumLimits {
            if !configured.contains(where: { $0.name == seen.name }) { configured.append(seen) }
        }
        limits = configured
        advance(to: now)
    }

    private func configureLimit(_ limit: Limit, at now: Int64) -> LimitAccount {
        var fresh = LimitAccount(limit)
        guard var known = limits.first(where: { $0.name == limit.name }), known.kind == fresh.kind else { return fresh }
        guard known.window == fresh.window else {
            fresh.advance(to: now)
            fresh.takeOver(known)
            return fresh
        }
        known.ceiling = fresh.ceiling
        if known.configured != fresh.configured {
            (known.configured, known.capacity, known.candidate, known.candidates) =
                (fresh.configured, fresh.configured, 0, 0)
        }
        if known.ceiling > 0, known.capacity != known.configured {
            known.capacity = min(known.capacity, known.ceiling)
        }
        return known
    }
}
