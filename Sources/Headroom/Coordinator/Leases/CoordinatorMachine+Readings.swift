// SPDX-License-Identifier: Apache-2.0

// What a response says of limits, and what follows from it.
extension CoordinatorMachine {
    /// Puts a response's readings of limits into the outbox, as observations with the marks of the call's permit.
    mutating func observe(_ permit: Permit, _ reading: VendorReading, at now: Microseconds) {
        for limit in reading.readings {
            guard let reference = reference(limit.scope, limit.name, permit), let capacity = limit.limit else {
                continue
            }
            let isPaced = if case .paced = limit.window { true } else { false }
            guard isPaced || limit.isWhole(isRejected: reading.isRejected) else { continue }
            let observation = Observation(
                limit: reference, window: limit.window, capacity: capacity, used: isPaced ? nil : limit.used,
                mark: isPaced ? nil : mark(of: reference, permit), expiry: limit.expiry, date: reading.date)
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
        let rejected = RejectionClassifier.classify(reading, tenant: permit.tenant, record: record(permit.tenant))
        guard let limit = rejected.limit else {
            // Without a limit the ledger learns nothing, but all pause.
            let asked = rejected.retryAfter?.microseconds ?? 0
            noteRejection(RejectionReport(limit: LimitReference(.product, .unknown), retryAfter: asked), at: now)
            return Rejection(
                limit: nil, retryAfter: rejected.retryAfter ?? VerdictRules.pause, source: rejected.source)
        }
        if limit.scope == .product || permit.tenant != nil {
            let asked = rejected.retryAfter?.microseconds ?? 0
            noteRejection(RejectionReport(limit: limit, mark: mark(of: limit, permit), retryAfter: asked), at: now)
        }
        let scope: LimitReading.Scope = limit.scope == .product ? .product : .tenant
        let retryAfter = rules.retryAfter(
            rejected, window: reading[scope, limit.name]?.window,
            resetsIn: watch.reset(of: limit).map { max(0, $0 - now) },
            wallNow: wallNow)
        return Rejection(limit: limit, retryAfter: retryAfter, source: rejected.source)
    }

    /// What is left of each limit by the newest gauges.
    private func record(_ tenant: Tenant?) -> OwnRecord {
        OwnRecord(
            watch.gauges.compactMap { gauge in
                let remaining = Int(gauge.capacity - gauge.used)
                switch gauge.limit.scope {
                case .product: return .init(scope: .product, name: gauge.limit.name, remaining: remaining)
                case .tenant(let other):
                    return other == tenant ? .init(scope: .tenant, name: gauge.limit.name, remaining: remaining) : nil
                }
            })
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
