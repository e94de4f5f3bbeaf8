// SPDX-License-Identifier: Apache-2.0

/// What one response said: of the limits, of the vendor's clock, and of what went wrong. Made by
/// ``VendorHeaderParser``.
public struct VendorReading: Sendable, Hashable {
    /// The response's status code.
    public var status: Int
    /// What was said of each limit: at most one reading per scope and name, product before tenant, and only where
    /// something is known.
    public var readings: [LimitReading]
    /// The tenant that the vendor says the call was for. A valid ``Tenant`` name.
    public var tenantID: String?
    /// The vendor's clock to the second, in microseconds since 1970.
    public var date: Microseconds?
    /// How long the vendor asks to wait, 0 to 86,400 s from ``date``.
    public var retryAfter: Duration?
    /// The gateway's own name for a fault, such as `policies.ratelimit.QuotaViolation`: 1 to 128 printable characters.
    public var faultCode: String?
    /// Headers that were there, not blank, and unusable; at most ``IgnoredHeader/maximumCount``.
    public var ignored: [IgnoredHeader]

    /// Makes a reading by hand, for tests and for vendors with other headers.
    public init(
        status: Int, readings: [LimitReading] = [], tenantID: String? = nil, date: Microseconds? = nil,
        retryAfter: Duration? = nil, faultCode: String? = nil, ignored: [IgnoredHeader] = []
    ) {
        (self.status, self.readings, self.tenantID, self.date) = (status, readings, tenantID, date)
        (self.retryAfter, self.faultCode, self.ignored) = (retryAfter, faultCode, ignored)
    }

    /// Whether a limit refused the call: a 429, or a server error with the fault code of a rate policy.
    public var isRejected: Bool { status == 429 || RateFault(code: faultCode) != nil }

    /// What was said of one limit, if anything.
    public subscript(scope: LimitReading.Scope, name: LimitName) -> LimitReading? {
        readings.first { $0.scope == scope && $0.name == name }
    }
}
