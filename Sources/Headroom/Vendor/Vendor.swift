// SPDX-License-Identifier: Apache-2.0

/// A vendor of an interface with limits: how its responses are read, and which limit rejected a call.
///
/// A vendor is part of a ``Plan``. Keap's is built in; another is written in one file that names its headers:
///
/// ```swift
/// struct Acme: Vendor {
///     let name = "acme"
///
///     func read(_ response: some VendorResponse, body: some Sequence<UInt8>, now: WallInstant) -> VendorReading {
///         let minute = LimitReading(
///             scope: .product, name: .throttle, window: .rolling(.seconds(60)), limit: response.count("acme-limit"),
///             used: response.count("acme-used"), available: response.count("acme-left"))
///         return VendorReading(
///             status: response.statusCode, readings: [minute], date: response.date(now: now),
///             retryAfter: response.retryAfter(now: now))
///     }
/// }
/// ```
///
/// Both functions are called from any task, the first for every response and the second for every rejection, before
/// the call's result goes to its caller: they must be fast, and must not wait for anything.
public protocol Vendor: Sendable {
    /// A short name, such as `keap`. Two vendors of one name count as the same.
    var name: String { get }

    /// Reads a response: what it says of the limits, and whether a limit rejected the call.
    ///
    /// What a response does not say, or says in a form that cannot be used, is `nil` in the reading: never zero.
    ///
    /// - Parameters:
    ///   - response: the status and the header fields.
    ///   - body: the response's body, or its beginning; may be empty. To be looked at only as far as needed.
    ///   - now: the caller's wall clock, for responses that do not say the vendor's.
    func read(_ response: some VendorResponse, body: some Sequence<UInt8>, now: WallInstant) -> VendorReading

    /// Says which limit rejected a call, and how long the vendor asks to wait.
    ///
    /// The default takes a limit of which the reading says that nothing is left, else the one of which the caller
    /// believes that least is left.
    ///
    /// - Parameters:
    ///   - reading: what the response said; ``VendorReading/isRejected`` is true.
    ///   - tenant: the tenant that the call named; `nil` for a call that named none.
    ///   - remaining: how many calls the caller believes to be left of each limit of the product and of that tenant;
    ///     may be negative. A limit that is not among them is unknown.
    func rejection(
        in reading: VendorReading, tenant: Tenant?, remaining: [LimitReference: Int]
    ) -> Rejection
}

extension Vendor {
    public func rejection(
        in reading: VendorReading, tenant: Tenant?, remaining: [LimitReference: Int]
    ) -> Rejection {
        let classifier = RejectionClassifier(reading, tenant: tenant, remaining: remaining)
        guard reading.isRejected else { return classifier.result(nil, .none) }
        if let limit = classifier.spent { return classifier.result(limit, .headers) }
        if let limit = classifier.leastBelieved() { return classifier.result(limit, .record) }
        return classifier.result(nil, .none)
    }
}
