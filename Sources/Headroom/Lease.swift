// SPDX-License-Identifier: Apache-2.0

/// The right to make one call, now. Ended exactly once: completed with the response, cancelled because the call was not
/// made, or dropped, which counts as a call that the vendor may have seen. Safe to pass to another task.
public struct Lease: ~Copyable, Sendable {
    /// What the call is for, as given to ``RateCoordinator/acquire(tenant:priority:label:timeout:)``.
    package let label: String?
    private let coordinator: RateCoordinator
    private let record: CoordinatorMachine.LeaseRecord
    private var isEnded = false

    init(_ coordinator: RateCoordinator, _ record: CoordinatorMachine.LeaseRecord, label: String?) {
        (self.coordinator, self.record, self.label) = (coordinator, record, label)
    }

    deinit {
        if !isEnded { coordinator.end(record, as: .dropped) }
    }

    /// Whose budget the call draws on as well, if any.
    package var tenant: Tenant? { record.permit.tenant }

    /// Whether the call may still be made. `false` if the permit may have been counted as spent already: after the
    /// process was suspended or the ledger lost, after ``RateCoordinator/Configuration/leaseMaximum``, and once the
    /// coordinator ends. Look just before sending, and ask for another lease.
    public var isUsable: Bool { coordinator.isUsable(record) }

    /// Ends the lease unused: the call was certainly not sent. The permit is free for others.
    public consuming func cancel() {
        isEnded = true
        coordinator.end(record, as: .cancelled)
    }

    /// Ends the lease with a response.
    ///
    /// - Parameters:
    ///   - response: the status and the header fields, as the HTTP client delivers them.
    ///   - body: the response's body, or its beginning: that of a rejection may name the limit. `[]` if there is none.
    /// - Returns: whether a limit rejected the call, which one, and when to try again.
    public consuming func complete(_ response: some VendorResponse, body: some Sequence<UInt8>) -> Verdict {
        let vendor = coordinator.plan.vendor
        return complete(vendor.read(response, body: body, now: .now))
    }

    /// Ends the lease with a response, and passes a value on: what a closure of
    /// ``RateCoordinator/withLease(tenant:priority:label:timeout:_:)`` returns.
    ///
    /// - Parameters:
    ///   - response: the status and the header fields, as the HTTP client delivers them.
    ///   - body: the response's body, or its beginning: that of a rejection may name the limit. `[]` if there is none.
    ///   - value: the call's result.
    /// - Returns: the value, with the verdict of ``complete(_:body:)``.
    public consuming func complete<Value>(
        _ response: some VendorResponse, body: some Sequence<UInt8>, value: Value
    ) -> Completion<Value> {
        Completion(verdict: complete(response, body: body), value: value)
    }

    /// Ends the lease with what a response said.
    package consuming func complete(_ reading: VendorReading) -> Verdict {
        isEnded = true
        return coordinator.complete(record, reading)
    }
}
