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
    mutating func complete(
        _ lease: LeaseRecord, _ reading: VendorReading, at now: Microseconds, wallNow: Microseconds
    ) -> (Verdict, Actions) {
        var actions = Actions()
        observe(lease.permit, reading, at: now)
        if !reading.ignored.isEmpty { actions.events += noteIgnored(at: now) }
        guard reading.isRejected else {
            actions.add(end(lease, as: .accepted, at: now))
            return (.accepted, actions)
        }
        let isOpen = leases.remove(lease.permit.tenant, cohort: lease.cohort)
        counters.rejected += 1
        let rejection = classify(lease.permit, reading, at: now, wallNow: wallNow)
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
