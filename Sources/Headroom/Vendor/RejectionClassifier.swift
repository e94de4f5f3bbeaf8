// SPDX-License-Identifier: Apache-2.0

/// Tells which limit refused a call. The vendor's 429 looks the same for the second, the minute, the day and the
/// tenant.
///
/// In this order: the gateway's fault code; a limit of which the headers say that nothing is available; the spike,
/// which has no headers of use, where all that is said of the others is that they are well; else the caller's own
/// record.
public struct RejectionClassifier: Sendable {
    /// Classifies a refused call (see ``VendorReading/isRejected``); any other response gives an unknown limit.
    ///
    /// - Parameters:
    ///   - reading: what the response said.
    ///   - tenant: the tenant that the call named. Default: the one that the response names, if any.
    ///   - record: what the caller believes is left of each limit. Default: nothing is known.
    public static func classify(
        _ reading: VendorReading, tenant: Tenant? = nil, record: OwnRecord = OwnRecord()
    ) -> RejectedLimit {
        let tenant = tenant ?? reading.tenantID.flatMap { Tenant($0) }
        let decision = decide(reading, hasTenant: tenant != nil, record)
        var throttle = RejectedLimit(limit: nil, source: decision.source, retryAfter: reading.retryAfter)
        guard let limit = decision.limit else { return throttle }
        switch limit.scope {
        case .product: throttle.limit = LimitReference(.product, limit.name)
        case .tenant: throttle.limit = tenant.map { LimitReference(.tenant($0), limit.name) }
        }
        throttle.expiry = reading[limit.scope, limit.name]?.expiry
        return throttle
    }

    private typealias Candidate = OwnRecord.Entry

    private static func decide(
        _ reading: VendorReading, hasTenant: Bool, _ record: OwnRecord
    ) -> (limit: Candidate?, source: RejectedLimit.Source) {
        guard reading.isRejected else { return (nil, .none) }
        let fault = RateFault(code: reading.faultCode)
        if fault == .spikeArrest { return (Candidate(scope: .product, name: .spike, remaining: 0), .faultCode) }
        let spent = reading.readings.filter { $0.available == 0 }.map { reading in
            Candidate(
                scope: reading.scope, name: reading.name,
                remaining: record.remaining(reading.scope, reading.name) ?? .max)
        }
        if let limit = nearest(spent) { return (limit, fault == .quota ? .faultCode : .headers) }
        if fault == nil, isWell(reading) { return (Candidate(scope: .product, name: .spike, remaining: 0), .headers) }
        let believed = record.entries.filter {
            ($0.scope == .product || hasTenant) && (fault == nil || $0.name != .spike)
        }
        return nearest(believed).map { ($0, .record) } ?? (nil, .none)
    }

    /// The limit of which least is left; of equals the one that lasts longer, as waiting too briefly is refused again.
    private static func nearest(_ candidates: [Candidate]) -> Candidate? {
        candidates.min { left, right in
            (left.remaining, rank(left.name), left.scope == .product ? 0 : 1)
                < (right.remaining, rank(right.name), right.scope == .product ? 0 : 1)
        }
    }

    private static func rank(_ name: LimitName) -> Int {
        switch name {
        case .quota: 0
        case .throttle: 1
        case .spike: 2
        default: 3
        }
    }

    /// Whether every limit that is spoken of has something left, and nothing that was said of one had to be ignored.
    private static func isWell(_ reading: VendorReading) -> Bool {
        reading.readings.allSatisfy(isWell) && reading.ignored.count < IgnoredHeader.maximumCount
            && !reading.ignored.contains { castsDoubt($0.name) }
    }

    private static func isWell(_ reading: LimitReading) -> Bool {
        guard reading.available != nil || reading.used != nil else { return true }
        if let used = reading.used, let limit = reading.limit { return used < limit }
        return reading.available.map { $0 > 0 } ?? false
    }

    private static func castsDoubt(_ headerName: String) -> Bool {
        switch headerName.withBytes({ HeaderKey($0) }) {
        case .limit(_, .limit), .limit(_, .timeUnit), .limit(_, .available), .limit(_, .used): true
        default: false
        }
    }
}
