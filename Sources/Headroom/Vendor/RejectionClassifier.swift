// SPDX-License-Identifier: Apache-2.0

/// The parts of the question which limit rejected a call, for vendors to put in their order: the limits that the
/// response says are spent, and the limits that the caller believes are.
struct RejectionClassifier {
    /// A limit that may have been the one, and how much is believed to be left of it.
    struct Candidate {
        let scope: LimitReading.Scope
        let name: LimitName
        var remaining = 0
    }

    private let reading: VendorReading
    private let tenant: Tenant?
    private let remaining: [LimitReference: Int]
    /// Decides between limits of which equally much is left: the lowest comes first.
    private let rank: (Candidate) -> Int

    /// - Parameters:
    ///   - tenant: the tenant that the call named, else the one that the response names.
    ///   - rank: the order of limits of which equally much is left. Default: the longest window first, for waiting too
    ///     briefly is rejected again.
    init(
        _ reading: VendorReading, tenant: Tenant?, remaining: [LimitReference: Int],
        rank: ((Candidate) -> Int)? = nil
    ) {
        self.reading = reading
        self.tenant = tenant ?? reading.tenantID.flatMap { Tenant($0) }
        self.remaining = remaining
        self.rank =
            rank ?? { -Int(max(0, reading[$0.scope, $0.name]?.window?.span.components.seconds ?? 0)) }
    }

    /// Of the limits of which the response says that nothing is available, the one of which least is believed to be
    /// left.
    var spent: Candidate? {
        nearest(
            reading.readings.filter { $0.available == 0 }.map { reading in
                Candidate(
                    scope: reading.scope, name: reading.name,
                    remaining: reference(reading.scope, reading.name).flatMap { remaining[$0] } ?? .max)
            })
    }

    /// The limit of which the caller believes that least is left, among those that `isPossible` leaves.
    func leastBelieved(where isPossible: (LimitName) -> Bool = { _ in true }) -> Candidate? {
        nearest(
            remaining.compactMap { limit, remaining in
                guard isPossible(limit.name) else { return nil }
                switch limit.scope {
                case .product: return Candidate(scope: .product, name: limit.name, remaining: remaining)
                case .tenant(let other):
                    guard other == tenant else { return nil }
                    return Candidate(scope: .tenant, name: limit.name, remaining: remaining)
                }
            })
    }

    /// The answer: a tenant's limit is unknown where the tenant is.
    func result(_ limit: Candidate?, _ source: Rejection.Source, window: Limit.Window? = nil) -> Rejection {
        let said = limit.flatMap { reading[$0.scope, $0.name] }
        return Rejection(
            limit: limit.flatMap { reference($0.scope, $0.name) }, source: source.rawValue,
            window: said?.window ?? window, retryAfter: reading.retryAfter, expiry: said?.expiry)
    }

    private func reference(_ scope: LimitReading.Scope, _ name: LimitName) -> LimitReference? {
        switch scope {
        case .product: LimitReference(.product, name)
        case .tenant: tenant.map { LimitReference(.tenant($0), name) }
        }
    }

    private func nearest(_ candidates: [Candidate]) -> Candidate? {
        candidates.min { left, right in
            (left.remaining, rank(left), left.scope == .product ? 0 : 1, left.name.text)
                < (right.remaining, rank(right), right.scope == .product ? 0 : 1, right.name.text)
        }
    }
}
