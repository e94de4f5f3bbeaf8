// SPDX-License-Identifier: Apache-2.0

extension RateCoordinator {
    /// Waits for a permit, makes the call, and makes it again where a limit refused it, within the configuration's
    /// timeout.
    ///
    /// - Parameters:
    ///   - tenant: whose budget the call draws on as well. Default: none.
    ///   - priority: callers of a higher one go first. Default: normal.
    ///   - label: what the call is for, in statistics. Default: none.
    ///   - body: makes the call and ends the lease with `lease.complete(response, value)`. May run several times.
    /// - Returns: the value of the first call that was not refused.
    /// - Throws: ``RateLimitError``, `throttled` where the timeout leaves no time to try again; and what `body` throws.
    public func withLease<Value>(
        tenant: String? = nil, priority: Priority = .normal, label: String? = nil,
        _ body: (consuming Lease) async throws -> Completion<Value>
    ) async throws -> Value {
        try await withLease(
            tenant: tenant, priority: priority, label: label, timeout: configuration.timeout, body)
    }

    /// Waits for a permit, makes the call, and makes it again where a limit refused it.
    ///
    /// - Parameters:
    ///   - tenant: whose budget the call draws on as well. Default: none.
    ///   - priority: callers of a higher one go first. Default: normal.
    ///   - label: what the call is for, in statistics. Default: none.
    ///   - timeout: how long to wait and to try again, from now; nil: until the task is cancelled. A call under way is
    ///     not broken off.
    ///   - body: makes the call and ends the lease with `lease.complete(response, value)`. May run several times.
    /// - Returns: the value of the first call that was not refused.
    /// - Throws: ``RateLimitError``, `throttled` where the timeout leaves no time to try again; and what `body` throws.
    public func withLease<Value>(
        tenant: String? = nil, priority: Priority = .normal, label: String? = nil, timeout: Duration?,
        _ body: (consuming Lease) async throws -> Completion<Value>
    ) async throws -> Value {
        let deadline = deadline(after: timeout)
        while true {
            let lease = try await acquireUsable(
                tenant: tenant, priority: priority, label: label, deadline: deadline)
            let completion = try await body(lease)
            guard case .rejected(let rejection) = completion.verdict else { return completion.value }
            try await pause(after: rejection, deadline: deadline)
        }
    }

    /// The span until a deadline; nil where there is none.
    package func remaining(until deadline: Microseconds) -> Duration? {
        deadline == .max ? nil : .microseconds(max(0, deadline - clock.now()))
    }

    /// A lease that may be used at this moment: one that became void on its way to the caller is given back.
    package func acquireUsable(
        tenant: String?, priority: Priority, label: String?, deadline: Microseconds
    ) async throws(RateLimitError) -> Lease {
        while true {
            let lease = try await acquire(
                tenant: tenant, priority: priority, label: label, timeout: remaining(until: deadline))
            if lease.isUsable { return lease }
            lease.cancel()
        }
    }

    /// Waits as long as a refusal asks for, and a moment where it asks for no wait at all.
    package func pause(after rejection: Rejection, deadline: Microseconds) async throws(RateLimitError) {
        let resume = clock.now().after(max(rejection.retryAfter, VerdictRules.pauseMinimum).microseconds)
        guard resume < deadline else { throw .rejected(rejection) }
        do { try await clock.sleep(until: resume) } catch { throw .cancelled }
    }

    /// The moment a span from now, for ``remaining(until:)`` and ``pause(after:deadline:)``.
    package func deadline(after timeout: Duration?) -> Microseconds {
        timeout.map { clock.now().after(max(.zero, $0).microseconds) } ?? .max
    }
}
