// SPDX-License-Identifier: Apache-2.0

extension CoordinatorMachine {
    /// Makes observations of what a response said of limits, with the marks of its permit.
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
            if fallback == nil {
                box.observe(observation, at: now)
            } else if fallback?.members != nil {
                fallback?.box.observe(observation, at: now)
            }
        }
    }

    /// Notes a refusal for whoever grants now.
    private mutating func note(_ rejection: RejectionReport, at now: Microseconds) {
        if fallback == nil {
            box.refuse(rejection, at: now)
        } else if fallback?.members != nil {
            fallback?.box.refuse(rejection, at: now)
        }
    }

    /// Tells which limit refused a call, notes it for the ledger, and says when to try again.
    mutating func classify(
        _ permit: Permit, _ reading: VendorReading, at now: Microseconds, wallNow: Microseconds
    ) -> Rejection {
        let throttle = RejectionClassifier.classify(reading, tenant: permit.tenant, record: record(permit.tenant))
        guard let limit = throttle.limit else {
            // The ledger knows no such limit: nothing to learn from, but a pause for all.
            let asked = throttle.retryAfter?.microseconds ?? 0
            note(RejectionReport(limit: LimitReference(.product, .unknown), retryAfter: asked), at: now)
            return Rejection(
                limit: nil, retryAfter: throttle.retryAfter ?? VerdictRules.pause, source: throttle.source)
        }
        if limit.scope == .product || permit.tenant != nil {
            let asked = throttle.retryAfter?.microseconds ?? 0
            note(RejectionReport(limit: limit, mark: mark(of: limit, permit), retryAfter: asked), at: now)
        }
        let scope: LimitReading.Scope = limit.scope == .product ? .product : .tenant
        let retryAfter = rules.retryAfter(
            throttle, window: reading[scope, limit.name]?.window,
            resetsIn: watch.reset(of: limit).map { max(0, $0 - now) },
            wallNow: wallNow)
        return Rejection(limit: limit, retryAfter: retryAfter, source: throttle.source)
    }

    /// What the instance believes to be left of each limit, from the newest gauges.
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

    /// The limit meant; nil for a tenant's where the call named none.
    private func reference(_ scope: LimitReading.Scope, _ name: LimitName, _ permit: Permit) -> LimitReference? {
        switch scope {
        case .product: LimitReference(.product, name)
        case .tenant: permit.tenant.map { LimitReference(.tenant($0), name) }
        }
    }

    private func mark(of limit: LimitReference, _ permit: Permit) -> Int64? {
        permit.batch.epoch == epoch ? permit.mark(of: limit) : nil
    }
}
