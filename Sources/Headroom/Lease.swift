// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes

/// The right to make one call, now. Ended exactly once: completed with the response, cancelled because the call was not
/// made, or dropped, which counts as a call that the vendor may have seen.
public struct Lease: ~Copyable, Sendable {
    /// What the call is for, as given to ``RateCoordinator/acquire(tenant:priority:label:)``.
    public let label: String?
    private let coordinator: RateCoordinator
    private let handed: CoordinatorMachine.LeaseRecord
    private var isEnded = false

    init(_ coordinator: RateCoordinator, _ handed: CoordinatorMachine.LeaseRecord, label: String?) {
        (self.coordinator, self.handed, self.label) = (coordinator, handed, label)
    }

    deinit {
        if !isEnded { coordinator.end(handed, as: .dropped) }
    }

    /// Whose budget the call draws on as well, if any.
    public var tenant: Tenant? { handed.permit.tenant }

    /// Whether the call may still be made. False after a silence (a suspended process, a lost ledger), when the ledger
    /// has counted the permit as spent already: look just before sending, and ask for another lease.
    public var isUsable: Bool { coordinator.isUsable(handed) }

    /// Ends the lease unused: the call was certainly not sent. The permit is free for others.
    public consuming func cancel() {
        isEnded = true
        coordinator.end(handed, as: .cancelled)
    }

    /// Ends the lease with what a response said.
    public consuming func complete(_ reading: VendorReading) -> Verdict {
        isEnded = true
        return coordinator.complete(handed, reading)
    }

    /// Ends the lease with a response. For a refusal, give the body too, if there is one: it may name the limit.
    public consuming func complete(
        _ response: some VendorResponse, body: some Sequence<UInt8> = EmptyCollection<UInt8>()
    ) -> Verdict {
        complete(VendorHeaderParser.parse(response, body: body, now: SystemClock.now()))
    }

    /// Ends the lease with a status and header fields.
    public consuming func complete(
        status: Int, fields: HTTPFields, body: some Sequence<UInt8> = EmptyCollection<UInt8>()
    ) -> Verdict {
        complete(VendorHeaderParser.parse(status: status, fields: fields, body: body, now: SystemClock.now()))
    }

    /// Ends the lease with a status and pairs of header name and value.
    public consuming func complete(
        status: Int, fields: some Sequence<(String, String)>,
        body: some Sequence<UInt8> = EmptyCollection<UInt8>()
    ) -> Verdict {
        complete(VendorHeaderParser.parse(status: status, fields: fields, body: body, now: SystemClock.now()))
    }

    /// Ends the lease with a response, and passes a value on with the verdict.
    public consuming func complete<Value>(_ response: some VendorResponse, _ value: Value) -> Completion<Value> {
        Completion(verdict: complete(response), value: value)
    }

    /// Ends the lease with a response and its body, which may name the limit of a refusal, and passes the body on.
    public consuming func complete<Body: Sequence<UInt8>>(
        _ response: some VendorResponse, _ body: Body
    ) -> Completion<Body> {
        Completion(verdict: complete(response, body: body), value: body)
    }
}
