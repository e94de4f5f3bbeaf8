// SPDX-License-Identifier: Apache-2.0

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
                mark: isPaced ? nil : mark(of: reference, permit), expiry: limit.expiry?.microseconds,
                date: reading.date?.microseconds)
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

    /// Finds the limit that rejected a call, puts the rejection into the outbox, and computes when to try again.
    mutating func classify(
        _ permit: Permit, _ reading: VendorReading, at now: Microseconds, wallNow: Microseconds
    ) -> Rejection {
        let rejected = settings.plan.vendor.rejectedLimit(
            in: reading, tenant: permit.tenant, remaining: remaining(permit.tenant))
        // A vendor of a user's own may say anything; the ledger takes a month at most.
        let asked = rejected.retryAfter.map { min(max($0, .zero), .seconds(31 * 86_400)) }
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
    private func remaining(_ tenant: Tenant?) -> [LimitReference: Int] {
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
