// SPDX-License-Identifier: Apache-2.0

// How a lease ends, and when the ledger gets the report.
extension CoordinatorMachine {
    /// A permit in a caller's hand.
    struct LeaseRecord: Sendable {
        let permit: Permit
        /// The number of the lease's cohort in the ``LeaseRegistry``.
        let cohort: Int64
    }

    /// The end of a lease whose call no limit rejected.
    enum Ending: Sendable {
        case accepted, cancelled, dropped
    }

    mutating func end(_ lease: LeaseRecord, as ending: Ending, at now: Microseconds) -> Actions {
        let tenant = lease.permit.tenant
        let isOpen = leases.remove(tenant, cohort: lease.cohort)
        // A late answer counts as accepted too, though the permit was settled before.
        if ending == .accepted { counters.accepted += 1 }
        guard isOpen else { return Actions() }
        switch ending {
        case .accepted: return settleSpent(lease.permit, accepted: 1, at: now)
        case .cancelled:
            counters.cancelled += 1
            return settleUnused(lease.permit, at: now)
        case .dropped:
            counters.dropped += 1
            return settleSpent(lease.permit, accepted: 0, at: now)
        }
    }

    /// Ends a lease with the vendor's answer.
    ///
    /// - Parameter rejected: the limit that rejected the call. `nil` if none did.
    mutating func complete(
        _ lease: LeaseRecord, _ reading: VendorReading, _ rejected: Rejection?, at now: Microseconds,
        wallNow: Microseconds
    ) -> (Verdict, Actions) {
        var actions = Actions()
        observe(lease.permit, reading, at: now)
        if !reading.ignored.isEmpty { actions.events += noteIgnored(at: now) }
        guard let rejected else {
            actions.add(end(lease, as: .accepted, at: now))
            return (.accepted, actions)
        }
        let isOpen = leases.remove(lease.permit.tenant, cohort: lease.cohort)
        counters.rejected += 1
        let rejection = classify(lease.permit, rejected, at: now, wallNow: wallNow)
        actions.events.append(.rejected(rejection))
        if isOpen { actions.add(settleSpent(lease.permit, accepted: 0, at: now)) }
        actions.wakes.formUnion(scheduleSettlement(at: now))
        return (.rejected(rejection), actions)
    }

    /// Whether a lease may still be used, because the ledger counts its permit as outstanding.
    func isUsable(_ lease: LeaseRecord, at now: Microseconds) -> Bool {
        phase == .running && lease.permit.batch.generation == membership.generation && now < permitsValidUntil
            && leases.isOpen(cohort: lease.cohort, at: now)
    }

    mutating func settleUnused(_ permit: Permit, at now: Microseconds) -> Actions {
        guard phase != .ended else { return Actions() }
        if isInFallback { return settleInFallback(permit.tenant, unused: 1, isOwn: isOwn(permit), at: now) }
        outbox.giveBack(permit.tenant, 1, at: now)
        return Actions(wakes: scheduleSettlement(at: now))
    }

    private mutating func settleSpent(_ permit: Permit, accepted: Int, at now: Microseconds) -> Actions {
        settleSpent(permit.tenant, 1, accepted: accepted, isOwn: isOwn(permit), at: now)
    }

    mutating func settleSpent(
        _ tenant: Tenant?, _ count: Int, accepted: Int, isOwn: Bool, at now: Microseconds
    ) -> Actions {
        guard phase != .ended else { return Actions() }
        if isInFallback { return settleInFallback(tenant, spent: count, accepted: accepted, isOwn: isOwn, at: now) }
        outbox.spend(tenant, count, accepted: accepted, at: now)
        return Actions(wakes: scheduleSettlement(at: now))
    }

    mutating func scheduleSettlement(at now: Microseconds) -> Wakes {
        exchangeWake == .min || isInFallback ? [] : schedule(settlementDue(at: now), at: now)
    }

    /// The time at which the outbox is to be reported. `.max` if it is empty.
    func settlementDue(at now: Microseconds) -> Microseconds {
        guard let since = outbox.since else { return .max }
        if outbox.isUrgent { return now }
        let soon = waiting.isEmpty ? .max : advice.settleWithin { waiting.count(of: $0) > 0 }
        return since.after(min(configuration.settleDelay.microseconds, soon))
    }

    /// Counts a response with unusable headers, and makes an event of it once a minute at most.
    private mutating func noteIgnored(at now: Microseconds) -> [CoordinatorEvent.Detail] {
        counters.headersIgnored += 1
        guard ignoredLoggedAt == .min || now - ignoredLoggedAt >= 60_000_000 else { return [] }
        ignoredLoggedAt = now
        return [.headersIgnored(responses: counters.headersIgnored)]
    }
}

// What a response says of limits, and what follows from it.
extension CoordinatorMachine {
    /// Puts a response's readings of limits into the outbox, as observations with the marks of the call's permit.
    mutating func observe(_ permit: Permit, _ reading: VendorReading, at now: Microseconds) {
        for limit in reading.readings {
            guard let reference = reference(limit.scope, limit.name, permit), let capacity = limit.limit,
                limit.isInRange(capacity)
            else { continue }
            let isPaced = if case .paced = limit.window { true } else { false }
            if isPaced, pacedLimit == nil, limit.scope == .product { pacedLimit = limit.name }
            guard isPaced || limit.isWhole(isRejected: reading.isRejected) else { continue }
            let observation = Observation(
                limit: reference, window: limit.window, capacity: capacity, used: isPaced ? nil : limit.used,
                mark: isPaced ? nil : mark(of: reference, permit), expiry: limit.expiry?.inLedgersRange,
                date: reading.date?.inLedgersRange)
            if !isInFallback {
                outbox.observe(observation, at: now)
            } else if safeShare?.members != nil {
                safeShare?.outbox.observe(observation, at: now)
            }
        }
    }

    /// Puts a rejection into the outbox of the account that grants now.
    private mutating func noteRejection(_ rejection: RejectionReport, at now: Microseconds) {
        if !isInFallback {
            outbox.noteRejection(rejection, at: now)
        } else if safeShare?.members != nil {
            safeShare?.outbox.noteRejection(rejection, at: now)
        }
    }

    /// Puts a rejection into the outbox, and computes when to try again.
    mutating func classify(
        _ permit: Permit, _ rejected: Rejection, at now: Microseconds, wallNow: Microseconds
    ) -> Rejection {
        // A vendor of a user's own may say anything; the ledger takes a month at most.
        let asked = rejected.delay.map { min(max($0, .zero), .seconds(31 * 86_400)) }
        let askedMicroseconds = asked?.microseconds ?? 0
        guard let limit = rejected.limit else {
            // Without a limit the ledger learns nothing, but all pause.
            noteRejection(
                RejectionReport(limit: LimitReference(.product, .unknown), retryAfter: askedMicroseconds), at: now)
            return Rejection(limit: nil, retryAfter: asked ?? VerdictRules.pause, source: rejected.source)
        }
        if limit.scope == .product || permit.tenant != nil {
            noteRejection(
                RejectionReport(limit: limit, mark: mark(of: limit, permit), retryAfter: askedMicroseconds), at: now)
        }
        let window = rules.planned(limit) ?? rejected.window
        let retryAfter = rules.retryAfter(
            window, expiry: rejected.expiry?.microseconds,
            resetsIn: watch.reset(of: limit).map { max(0, $0 - now) }, wallNow: wallNow)
        let isPaced = if case .paced? = window { true } else { false }
        return Rejection(limit: limit, retryAfter: asked ?? retryAfter, source: rejected.source, isPaced: isPaced)
    }

    /// The calls that are left of each limit, of the product and of a tenant, by the newest gauges.
    func remaining(_ tenant: Tenant?) -> [LimitReference: Int] {
        var remaining: [LimitReference: Int] = [:]
        for gauge in watch.gauges {
            if case .tenant(let other) = gauge.limit.scope, other != tenant { continue }
            remaining[gauge.limit] = Int(gauge.capacity - gauge.used)
        }
        return remaining
    }

    /// The limit that a reading is of. `nil` for a tenant's limit if the call named no tenant.
    private func reference(_ scope: LimitReading.Scope, _ name: LimitName, _ permit: Permit) -> LimitReference? {
        switch scope {
        case .product: LimitReference(.product, name)
        case .tenant: permit.tenant.map { LimitReference(.tenant($0), name) }
        }
    }

    /// The ledger's count at the permit's grant. `nil` if it is of another epoch.
    private func mark(of limit: LimitReference, _ permit: Permit) -> Int64? {
        permit.batch.epoch == epoch ? permit.mark(of: limit) : nil
    }
}

extension WallInstant {
    /// The moment in microseconds. `nil` if the ledger does not take it: before 1970, or later than the account
    /// computes with. A vendor may state any moment.
    fileprivate var inLedgersRange: Microseconds? {
        (0...Rules.epochMaximum).contains(microseconds) ? microseconds : nil
    }
}
