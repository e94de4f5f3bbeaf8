// SPDX-License-Identifier: Apache-2.0

extension Keap {
    /// Says which limit rejected a call. Keap's 429 looks the same for the second, the minute, the day and the tenant.
    ///
    /// In this order: the gateway's fault code; a limit of which the headers say that nothing is available; the spike,
    /// which has no headers of use, where all that is said of the others is that they are well; else the caller's own
    /// record.
    package func rejection(
        in reading: VendorReading, tenant: Tenant?, remaining: [LimitReference: Int]
    ) -> Rejection {
        let classifier = RejectionClassifier(
            reading, tenant: tenant, remaining: remaining, rank: { Self.rank($0.name) })
        guard reading.isRejected else { return classifier.result(nil, .none) }
        let spike = RejectionClassifier.Candidate(scope: .product, name: .spike)
        let fault = RateFault(code: reading.faultCode)
        if fault == .spikeArrest { return classifier.result(spike, .faultCode, window: Self.spikeWindow) }
        if let limit = classifier.spent {
            return classifier.result(limit, fault == .quota ? .faultCode : .headers)
        }
        if fault == nil, Self.isWell(reading) {
            return classifier.result(spike, .headers, window: Self.spikeWindow)
        }
        if let limit = classifier.leastBelieved(where: { fault == nil || $0 != .spike }) {
            return classifier.result(limit, .record)
        }
        return classifier.result(nil, .none)
    }

    /// The limit that lasts longer first: waiting too briefly is rejected again.
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
