// SPDX-License-Identifier: Apache-2.0

/// Keap, behind its gateway: reads the `x-keap-*` and `X-Apigee-*` headers, `date`, `retry-after`, and the fault code
/// of a rejection.
///
/// A header that is blank says nothing; one that cannot be used is left out and listed in ``VendorReading/ignored``.
/// Nothing that a response holds makes reading fail, and no number that comes out is outside its range. At most 4 KiB
/// of a body are looked at, for a 429 or a server error.
package struct Keap: Vendor {
    package let name = "keap"

    /// Makes the vendor. It has no state: all are the same.
    package init() {}

    package func read(_ response: some VendorResponse, body: some Sequence<UInt8>, now: WallInstant) -> VendorReading {
        var headers = KnownHeaders()
        response.forEachField { headers.add($0, $1) }
        return reading(response.statusCode, headers, body, now.microseconds)
    }

    private func reading(
        _ status: Int, _ headers: consuming KnownHeaders, _ body: some Sequence<UInt8>, _ now: Microseconds
    ) -> VendorReading {
        var result = VendorReading(status: status)
        let date = headers.meaning(of: .date) { bytes -> Result<Microseconds?, IgnoredHeader.Reason> in
            HTTPDate.parse(bytes, now: now).map { .success($0) } ?? .failure(.notATime)
        }
        let clock = date ?? now
        result.date = date.map(WallInstant.init(microseconds:))
        result.retryAfter = headers.meaning(of: .retryAfter) { RetryAfter.delay($0, now: clock).map { $0 } }
        result.tenantID = headers.meaning(of: .tenantID) { bytes in
            Tenant(String(decoding: bytes, as: UTF8.self)).map { .success($0.name) } ?? .failure(.notATenant)
        }
        result.readings = limits(&headers, now: clock)
        if status == 429 || (500...599).contains(status) { result.faultCode = FaultBody.code(in: body) }
        result.isRejected = Self.isRejection(status: status, faultCode: result.faultCode)
        result.ignored = headers.ignored
        return result
    }

    private func limits(_ headers: inout KnownHeaders, now: Microseconds) -> [LimitReading] {
        var table = ReadingTable()
        if let limit = headers.meaning(of: .spikeLimit, SpikeRate.callsPerSecond) {
            table.add(LimitReading(scope: .product, name: .spike, window: Self.spikeWindow, limit: limit), of: nil)
        }
        for (_, family) in LimitFamily.prefixes {
            let reader = LimitFamilyReader(family: family, now: now)
            reader.forEachReading(in: &headers) { table.add($0, of: family) }
        }
        return table.readings
    }

    /// Whether a limit rejected the call: a 429, or a server error with the fault code of a rate policy.
    package static func isRejection(status: Int, faultCode: String?) -> Bool {
        status == 429 || RateFault(code: faultCode) != nil
    }

    static let spikeWindow = Limit.Window.paced(.seconds(1))
}
