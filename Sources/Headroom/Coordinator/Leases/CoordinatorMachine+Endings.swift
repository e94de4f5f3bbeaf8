// SPDX-License-Identifier: Apache-2.0

extension CoordinatorMachine {
    /// How a lease ended, where no limit refused its call.
    enum Ending: Sendable {
        case accepted, cancelled, dropped
    }

    mutating func end(_ lease: LeaseRecord, as ending: Ending, at now: Microseconds) -> Effects {
        let tenant = lease.permit.tenant
        let isOpen = leases.remove(tenant, cohort: lease.cohort)
        // An answer counts as one, however late it comes.
        if ending == .accepted { counted.accepted += 1 }
        guard isOpen else { return Effects() }
        switch ending {
        case .accepted: return settleSpent(lease.permit, accepted: 1, at: now)
        case .cancelled:
            counted.cancelled += 1
            return settleUnused(lease.permit, at: now)
        case .dropped:
            counted.dropped += 1
            return settleSpent(lease.permit, accepted: 0, at: now)
        }
    }

    /// Takes in what the vendor answered.
    mutating func complete(
        _ lease: LeaseRecord, _ reading: VendorReading, at now: Microseconds, wallNow: Microseconds
    ) -> (Verdict, Effects) {
        var effects = Effects()
        observe(lease.permit, reading, at: now)
        if !reading.ignored.isEmpty { effects.events += noteIgnored(at: now) }
        guard reading.isRejected else {
            effects.add(end(lease, as: .accepted, at: now))
            return (.accepted, effects)
        }
        let isOpen = leases.remove(lease.permit.tenant, cohort: lease.cohort)
        counted.rejected += 1
        let rejection = classify(lease.permit, reading, at: now, wallNow: wallNow)
        effects.events.append(.rejected(rejection))
        if isOpen { effects.add(settleSpent(lease.permit, accepted: 0, at: now)) }
        effects.wakes.formUnion(scheduleSettlement(at: now))
        return (.rejected(rejection), effects)
    }

    /// Whether a lease may still be used: the ledger counts it as outstanding.
    func isUsable(_ lease: LeaseRecord, at now: Microseconds) -> Bool {
        phase == .running && lease.permit.batch.generation == membership.generation && now < goodUntil
            && leases.isOpen(cohort: lease.cohort, at: now)
    }

    mutating func settleUnused(_ permit: Permit, at now: Microseconds) -> Effects {
        guard phase != .ended else { return Effects() }
        if fallback != nil { return settleInFallback(permit.tenant, unused: 1, isOwn: isOwn(permit), at: now) }
        box.giveBack(permit.tenant, 1, at: now)
        return Effects(wakes: scheduleSettlement(at: now))
    }

    private mutating func settleSpent(_ permit: Permit, accepted: Int, at now: Microseconds) -> Effects {
        settleSpent(permit.tenant, 1, accepted: accepted, isOwn: isOwn(permit), at: now)
    }

    mutating func settleSpent(
        _ tenant: Tenant?, _ count: Int, accepted: Int, isOwn: Bool, at now: Microseconds
    ) -> Effects {
        guard phase != .ended else { return Effects() }
        if fallback != nil { return settleInFallback(tenant, spent: count, accepted: accepted, isOwn: isOwn, at: now) }
        box.spend(tenant, count, accepted: accepted, at: now)
        return Effects(wakes: scheduleSettlement(at: now))
    }

    mutating func scheduleSettlement(at now: Microseconds) -> Wakes {
        exchangeWake == .min || fallback != nil ? [] : schedule(settlementDue(at: now), at: now)
    }

    /// When the box's content is to be told; `.max` where it is empty.
    func settlementDue(at now: Microseconds) -> Microseconds {
        guard let since = box.since else { return .max }
        if box.isUrgent { return now }
        let soon = waiting.isEmpty ? .max : advice.settleWithin { waiting.count(of: $0) > 0 }
        return since.after(min(configuration.settleDelay.microseconds, soon))
    }

    private mutating func noteIgnored(at now: Microseconds) -> [CoordinatorEvent] {
        counted.headersIgnored += 1
        guard ignoredLoggedAt == .min || now - ignoredLoggedAt >= 60_000_000 else { return [] }
        ignoredLoggedAt = now
        return [.headersIgnored(responses: counted.headersIgnored)]
    }
}
