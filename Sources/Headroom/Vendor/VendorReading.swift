// SPDX-License-Identifier: Apache-2.0

/// What one response said: of the limits, of the vendor's clock, and of what went wrong. Made by a ``Vendor``.
public struct VendorReading: Sendable, Hashable {
    /// The response's status code.
    public var status: Int
    /// Whether a limit rejected the call. Default: if the status is 429.
    public var isRejected: Bool
    /// What was said of each limit: at most one reading per scope and name, product before tenant, and only where
    /// something is known.
    public var readings: [LimitReading]
    /// The tenant that the vendor says the call was for: a valid ``Tenant`` name. `nil` if it does not say.
    public var tenantID: String?
    /// The vendor's clock to the second; `nil` if the response does not say it.
    public var date: WallInstant?
    /// How long the vendor asks to wait, 0 to 86,400 s from ``date``; `nil` if it does not ask.
    public var retryAfter: Duration?
    /// The vendor's own name for a fault, such as `policies.ratelimit.QuotaViolation`: 1 to 128 printable characters.
    /// `nil` if the response names none.
    public var faultCode: String?
    /// Headers that were there, not blank, and unusable; 16 at most.
    public var ignored: [IgnoredHeader]

    /// Makes a reading.
    ///
    /// - Parameters:
    ///   - status: the status code, such as 200 or 429.
    ///   - isRejected: whether a limit rejected the call. Default: if the status is 429.
    ///   - readings: what was said of each limit. Default: nothing.
    ///   - tenantID: the tenant that the response names. Default: none.
    ///   - date: the vendor's clock. Default: unknown.
    ///   - retryAfter: how long the vendor asks to wait. Default: it does not ask.
    ///   - faultCode: the vendor's own name for a fault. Default: none.
    ///   - ignored: headers that were there and unusable. Default: none.
    public init(
        status: Int, isRejected: Bool? = nil, readings: [LimitReading] = [], tenantID: String? = nil,
        date: WallInstant? = nil, retryAfter: Duration? = nil, faultCode: String? = nil,
        ignored: [IgnoredHeader] = []
    ) {
        (self.status, self.isRejected, self.readings) = (status, isRejected ?? (status == 429), readings)
        (self.tenantID, self.date, self.retryAfter) = (tenantID, date, retryAfter)
        (self.faultCode, self.ignored) = (faultCode, ignored)
    }

    /// What was said of one limit, if anything.
    package subscript(scope: LimitReading.Scope, name: LimitName) -> LimitReading? {
        readings.first { $0.scope == scope && $0.name == name }
    }
}
