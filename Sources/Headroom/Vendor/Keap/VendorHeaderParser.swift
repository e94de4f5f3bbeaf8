// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes

/// Reads the vendor's `x-keap-*` and `X-Apigee-*` headers, `date`, `retry-after`, and the fault code of a refusal.
///
/// A header that is blank says nothing; one that cannot be used is left out and listed in ``VendorReading/ignored``.
/// Nothing that a response holds makes parsing fail, and no number that comes out is outside its range.
///
/// In all functions `now` is the caller's wall clock in microseconds since 1970: it judges times where the vendor did
/// not send a `date`. `body` is the response's body, looked at only for a 429 or a server error, and at most 4 KiB of
/// it.
public struct VendorHeaderParser: Sendable {
    /// Reads a response of any client that conforms to ``VendorResponse``, such as swift-http-types' `HTTPResponse`.
    public static func parse(
        _ response: some VendorResponse, body: some Sequence<UInt8> = EmptyCollection<UInt8>(), now: Microseconds
    ) -> VendorReading {
        var headers = KnownHeaders()
        response.forEachField { headers.add($0, $1) }
        return reading(response.statusCode, headers, body, now)
    }

    /// Reads a status and the header fields of swift-http-types.
    public static func parse(
        status: Int, fields: HTTPFields, body: some Sequence<UInt8> = EmptyCollection<UInt8>(), now: Microseconds
    ) -> VendorReading {
        var headers = KnownHeaders()
        for field in fields { headers.add(field.name.rawName, field.value) }
        return reading(status, headers, body, now)
    }

    /// Reads a status and pairs of name and value, in the order received.
    public static func parse(
        status: Int, fields: some Sequence<(name: String, value: String)>,
        body: some Sequence<UInt8> = EmptyCollection<UInt8>(), now: Microseconds
    ) -> VendorReading {
        var headers = KnownHeaders()
        for (name, value) in fields { headers.add(name, value) }
        return reading(status, headers, body, now)
    }

    /// Reads a status and pairs of name and value without labels, in the order received.
    public static func parse(
        status: Int, fields: some Sequence<(String, String)>,
        body: some Sequence<UInt8> = EmptyCollection<UInt8>(), now: Microseconds
    ) -> VendorReading {
        var headers = KnownHeaders()
        for (name, value) in fields { headers.add(name, value) }
        return reading(status, headers, body, now)
    }

    /// Reads a status and a dictionary of header fields. Keys that differ only in case count as one header given twice.
    public static func parse(
        status: Int, fields: [String: String], body: some Sequence<UInt8> = EmptyCollection<UInt8>(),
        now: Microseconds
    ) -> VendorReading {
        var headers = KnownHeaders()
        for (name, value) in fields { headers.add(name, value) }
        return reading(status, headers, body, now)
    }

    private static func reading(
        _ status: Int, _ headers: consuming KnownHeaders, _ body: some Sequence<UInt8>, _ now: Microseconds
    ) -> VendorReading {
        var result = VendorReading(status: status)
        result.date = headers.meaning(of: .date) { date($0, now: now) }
        let clock = result.date ?? now
        result.retryAfter = headers.meaning(of: .retryAfter) { delay($0, now: clock) }
        result.tenantID = headers.meaning(of: .tenantID) { bytes in
            Tenant(String(decoding: bytes, as: UTF8.self)).map { .success($0.name) } ?? .failure(.notATenant)
        }
        result.readings = limits(&headers, now: clock)
        if status == 429 || (500...599).contains(status) { result.faultCode = FaultBody.code(in: body) }
        result.ignored = headers.ignored
        return result
    }

    private static func limits(_ headers: inout KnownHeaders, now: Microseconds) -> [LimitReading] {
        var table = ReadingTable()
        if let limit = headers.meaning(of: .spikeLimit, SpikeRate.callsPerSecond) {
            let window = Limit.Window.paced(.seconds(1))
            table.add(LimitReading(scope: .product, name: .spike, window: window, limit: limit), of: nil)
        }
        for (_, family) in LimitFamily.prefixes {
            let reader = LimitFamilyReader(family: family, now: now)
            reader.forEachReading(in: &headers) { table.add($0, of: family) }
        }
        return table.readings
    }

    private static func date(_ bytes: Bytes, now: Microseconds) -> Result<Microseconds?, IgnoredHeader.Reason> {
        HTTPDate.parse(bytes, now: now).map { .success($0) } ?? .failure(.notATime)
    }

    /// A delay in seconds, or until a date. A date of the last day, past by now, is no delay.
    private static func delay(_ bytes: Bytes, now: Microseconds) -> Result<Duration?, IgnoredHeader.Reason> {
        let day: Int64 = 86_400
        switch bytes.decimal() {
        case .success(let seconds): return seconds <= day ? .success(.seconds(seconds)) : .failure(.outOfRange)
        case .failure(.outOfRange): return .failure(.outOfRange)
        case .failure:
            guard let time = HTTPDate.parse(bytes, now: now) else { return .failure(.notATime) }
            let (delay, overflow) = time.subtractingReportingOverflow(now)
            guard !overflow, (-day * 1_000_000...day * 1_000_000).contains(delay) else {
                return .failure(.implausibleTime)
            }
            return .success(.microseconds(max(0, delay)))
        }
    }
}
