// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomURLSession

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One task of a drive: makes one call after the other.
struct Worker: Sendable {
    let order: DriveOrder
    let priority: Priority
    let caller: VendorCaller
    let counter: CallCounter
    /// The coordinator that is asked before each call. `nil` if nobody is.
    let coordinator: RateCoordinator?

    /// The pause after a failure that will not pass at once.
    private static let pause = Duration.seconds(1)

    /// Works until no call is left, the process is to stop, or the task is cancelled.
    func run() async {
        while !Task.isCancelled, counter.begin() {
            guard let coordinator else {
                await callUncoordinated()
                continue
            }
            guard await call(with: coordinator) else { return }
        }
    }

    /// Makes one call with a lease. Returns `false` if the task is to end.
    private func call(with coordinator: RateCoordinator) async -> Bool {
        let asked = ContinuousClock.now
        let lease: Lease
        do throws(RateLimitError) {
            lease = try await coordinator.acquire(
                tenant: order.tenant, priority: priority, label: order.label,
                timeout: .after(.seconds(order.timeoutSeconds)))
        } catch {
            counter.giveBack()
            return await goesOn(after: error)
        }
        counter.recordWait(ContinuousClock.now - asked)
        if order.holdSeconds > 0 { try? await Task.sleep(for: .seconds(order.holdSeconds)) }
        guard !Task.isCancelled, lease.isUsable else {
            lease.cancel()
            counter.giveBack()
            return true
        }
        switch await caller.call() {
        case .response(let response, let body):
            let verdict = lease.complete(response, body: body)
            counter.record(status: response.statusCode, isRejected: verdict.isRejected)
        case .failure(let reason):
            // The vendor may have counted it: the lease is dropped, and spent.
            counter.recordFailure(reason)
            try? await Task.sleep(for: Self.pause)
        }
        return true
    }

    /// Without Headroom: as fast as the vendor answers, with a pause after a rejection, as simple clients do.
    private func callUncoordinated() async {
        switch await caller.call() {
        case .response(let response, _):
            let isRejected = response.statusCode == 429
            counter.record(status: response.statusCode, isRejected: isRejected)
            if isRejected, case .none(let backoff) = order.coordination {
                try? await Task.sleep(for: .seconds(backoff))
            }
        case .failure(let reason):
            counter.recordFailure(reason)
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Whether to ask again after an error. A drive that ends after a time tries until then; one that has calls to make
    /// stops if it would have to wait longer than the timeout.
    private func goesOn(after error: RateLimitError) async -> Bool {
        switch error.code {
        case .cancelled, .stopped: return false
        case .exhausted, .timedOut: counter.recordExhausted(error.message)
        default: counter.recordLedgerFailure(error.message)
        }
        guard order.seconds != nil else { return false }
        try? await Task.sleep(for: min(Self.pause, max(error.availableIn ?? Self.pause, .milliseconds(50))))
        return true
    }
}
