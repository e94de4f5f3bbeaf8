// SPDX-License-Identifier: Apache-2.0

import Headroom

/// A vendor that counts calls a minute, and says so under names of its own. That it is overloaded it says with a 503
/// and `acme-fault: slow-down`.
struct Acme: Vendor {
    let name = "acme"

    func read(_ response: some VendorResponse, body: some Sequence<UInt8>, now: WallInstant) -> VendorReading {
        let fault = response.value("acme-fault")
        let limit = response.count("acme-limit")
        let used = response.count("acme-used")
        let left = limit.flatMap { limit in used.map { max(0, limit - $0) } }
        return VendorReading(
            status: response.statusCode,
            isRejected: response.statusCode == 429 || fault == "slow-down",
            readings: [
                LimitReading(
                    scope: .product, name: .callsAMinute, window: .rolling(.seconds(60)), limit: limit, used: used,
                    available: left)
            ],
            date: response.date(now: now),
            retryAfter: response.count("acme-wait-ms").map { .milliseconds($0) } ?? response.retryAfter(now: now),
            faultCode: fault)
    }

    // A 429 is by the one limit there is; an overload is by none, and all calls pause.
    func rejection(
        in reading: VendorReading, tenant: Tenant?, remaining: [LimitReference: Int]
    ) -> Rejection {
        let limit = reading.status == 429 ? LimitReference(.product, .callsAMinute) : nil
        return Rejection(
            limit: limit, source: limit == nil ? "fault code" : "headers", retryAfter: reading.retryAfter)
    }
}

extension LimitName {
    /// Acme's limit of calls a minute.
    static let callsAMinute = LimitName("calls-a-minute")!
}

extension Plan {
    /// What Acme's documentation says; its headers may say more.
    static func acme() throws -> Plan {
        try Plan(
            name: "acme", vendor: Acme(),
            productLimits: [Limit(.callsAMinute, capacity: 1_000, window: .rolling(.seconds(60)))])
    }
}
