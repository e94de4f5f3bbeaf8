// SPDX-License-Identifier: Apache-2.0

import Headroom

/// An answer's headers and body, made from what the counters said.
struct AnswerRenderer {
    let style: AnswerStyle
    let outcome: VendorAnswer.Outcome
    /// The vendor's clock.
    let now: Microseconds
    let spike: SpikeLimit?
    let throttle: WindowReading?
    let quota: WindowReading?
    /// The tenant with its windows: one, or two to be piped.
    let tenant: (name: String, windows: [WindowReading])?

    /// The whole answer.
    func answer() -> VendorAnswer {
        VendorAnswer(outcome: outcome, status: status, headers: headers(), body: AnswerBody.text(outcome, style, spike))
    }

    private var status: Int {
        switch outcome {
        case .accepted: 200
        case .rejected: 429
        case .failed(.internalError): 500
        case .failed(.unavailable): 503
        case .failed(.silent): 0
        }
    }

    private var isBlank: Bool {
        if case .rejected = outcome { style.blankOn429 } else { false }
    }

    private func headers() -> [VendorAnswer.Header] {
        var headers = [
            VendorAnswer.Header(name: "date", value: HTTPDate.text(now)),
            VendorAnswer.Header(name: "content-type", value: "application/json"),
        ]
        if style.headers != .apigee {
            headers.append(.init(name: "x-keap-product-spike-limit", value: spikeText))
            append(throttle, prefix: "x-keap-product-throttle-", fields: .lowercase, to: &headers)
            append(quota, prefix: "x-keap-product-quota-", fields: .lowercase, hasEnd: true, to: &headers)
            appendTenant(to: &headers)
        }
        if style.headers != .keap {
            append(quota, prefix: "X-Apigee-Product-Quota-", fields: .capitalised, hasEnd: true, to: &headers)
            append(throttle, prefix: "X-Apigee-Product-Throttle-", fields: .capitalised, to: &headers)
        }
        return headers
    }

    private var spikeText: String {
        guard let spike, style.reportsSpikeLimit, !isBlank else { return "" }
        return "\(spike.rate)ps"
    }

    private func append(
        _ reading: WindowReading?, prefix: String, fields: FieldNames, hasEnd: Bool = false,
        to headers: inout [VendorAnswer.Header]
    ) {
        guard let reading else { return }
        for (name, value) in zip(fields.names, values(of: reading)) {
            headers.append(.init(name: prefix + name, value: isBlank ? "" : value))
        }
        // Milliseconds since 1970, as captured. The vendor leaves the name out if it has no value.
        if hasEnd, !isBlank { headers.append(.init(name: prefix + fields.end, value: String(reading.end / 1_000))) }
    }

    /// Tenant headers: the windows' values are joined by a pipe, and only the unit and the interval survive blanking
    /// then.
    private func appendTenant(to headers: inout [VendorAnswer.Header]) {
        guard let tenant, !tenant.windows.isEmpty else { return }
        headers.append(.init(name: "x-keap-tenant-id", value: tenant.name))
        let columns = tenant.windows.map(values(of:))
        for (index, name) in FieldNames.lowercase.names.enumerated() {
            let staysVisible = columns.count > 1 && (index == FieldNames.unit || index == FieldNames.interval)
            let parts = columns.map { isBlank && !staysVisible ? "" : $0[index] }
            headers.append(.init(name: "x-keap-tenant-throttle-" + name, value: parts.joined(separator: "|")))
        }
    }

    private func values(of reading: WindowReading) -> [String] {
        let (unit, count) = reading.unit
        return [
            String(reading.limit.capacity), unit, String(count), String(reading.available), String(reading.used),
        ]
    }
}

/// The ends of header names, in the order of their values.
private struct FieldNames {
    let names: [String]
    let end: String

    static let unit = 1
    static let interval = 2
    static let lowercase = FieldNames(
        names: ["limit", "time-unit", "interval", "available", "used"], end: "expiry-time")
    static let capitalised = FieldNames(
        names: ["Limit", "Time-Unit", "Interval", "Available", "Used"], end: "Expiry-Time")
}
