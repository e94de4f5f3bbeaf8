// SPDX-License-Identifier: Apache-2.0

// Whole calls: wait, send, read, try again.
extension RateCoordinator {
    /// Waits for a permit, makes the call, and makes it again if a limit rejected it.
    ///
    /// For calls of any kind: the closure sends, and ends the lease. If the call has a response,
    /// ``perform(tenant:priority:label:timeout:isRepeatable:throwsRejection:isUnsent:send:)`` does both.
    ///
    /// - Parameters:
    ///   - tenant: whose budget the call draws on as well. Default: none.
    ///   - priority: callers of a higher one go first. Default: normal.
    ///   - label: what the call is for: 1 to 64 bytes of printable ASCII without blanks and braces. Nothing is counted
    ///     by it yet. Default: none.
    ///   - timeout: how long to wait and to try again, from now. A call under way is not broken off. Default: as
    ///     configured.
    ///   - body: makes the call and ends the lease with ``Lease/complete(_:body:value:)``. May run several times. If it
    ///     throws before the lease is ended, the call counts as spent.
    /// - Returns: the value of the first call that no limit rejected.
    /// - Throws: ``RateLimitError``, with the code `rejected` if the timeout leaves no time to try again; and what
    ///   `body` throws.
    public func withLease<Value>(
        tenant: String? = nil, priority: Priority = .normal, label: String? = nil, timeout: Timeout = .configured,
        _ body: (consuming Lease) async throws -> Completion<Value>
    ) async throws -> Value {
        let deadline = deadline(timeout)
        while true {
            let lease = try await acquireUsable(tenant, priority, label, deadline: deadline)
            let completion = try await body(lease)
            guard let rejection = completion.verdict.rejection else { return completion.value }
            try await pause(after: rejection, deadline: deadline)
        }
    }

    /// Makes a call within the budget: waits for a permit, sends, reads the response, and sends again if a limit
    /// rejected the call.
    ///
    /// What adapters for HTTP clients are made of:
    ///
    /// ```swift
    /// let (response, body) = try await coordinator.perform(tenant: "ab123") {
    ///     let response = try await client.execute(request)
    ///     return (response, response.body)
    /// }
    /// ```
    ///
    /// A rejected call is sent again after the wait that the verdict names, with a new permit. If no time is left
    /// for that, the rejected response (a 429) is returned as any other.
    ///
    /// What `send` throws is thrown as it is, and the call counts as spent: the vendor may have counted it. A call of
    /// which `isUnsent` says that it was never sent gives its permit back.
    ///
    /// - Parameters:
    ///   - tenant: whose budget the call draws on as well. Default: none.
    ///   - priority: callers of a higher one go first. Default: normal.
    ///   - label: what the call is for: 1 to 64 bytes of printable ASCII without blanks and braces. Nothing is counted
    ///     by it yet. Default: none.
    ///   - timeout: how long to wait and to try again, from now. A call under way is not broken off. Default: as
    ///     configured.
    ///   - isRepeatable: whether the call can be made again; false for a body that can be read once. Default: true.
    ///   - throwsRejection: whether a rejection for which no time is left is thrown, as ``RateLimitError`` with the
    ///     code `rejected`, instead of returned. Default: false.
    ///   - isUnsent: whether an error of `send` says that nothing can have reached the vendor. Default: never.
    ///   - send: makes the call: the response, and its body or its beginning, `[]` for none. The vendor may read the
    ///     body before it is returned: it must be one that can be read twice. May run several times.
    /// - Returns: the first response that no limit rejected, or the last one that was rejected.
    /// - Throws: ``RateLimitError`` if the call was never made, or the task was cancelled; and what `send` throws.
    public func perform<Response: VendorResponse, Body: Sequence<UInt8>>(
        tenant: String? = nil, priority: Priority = .normal, label: String? = nil, timeout: Timeout = .configured,
        isRepeatable: Bool = true, throwsRejection: Bool = false, isUnsent: (any Error) -> Bool = { _ in false },
        send: () async throws -> (Response, Body)
    ) async throws -> (Response, Body) {
        let deadline = deadline(timeout)
        var rejected: (Response, Body)?
        while true {
            let lease: Lease
            do throws(RateLimitError) {
                lease = try await acquireUsable(tenant, priority, label, deadline: deadline)
            } catch {
                guard let rejected, !throwsRejection, error.code != .cancelled else { throw error }
                return rejected
            }
            let completion = try await attempt(lease, isUnsent, send)
            guard let rejection = completion.verdict.rejection else { return completion.value }
            do throws(RateLimitError) {
                guard isRepeatable else { throw .rejected(rejection, "the call cannot be repeated") }
                try await pause(after: rejection, deadline: deadline)
            } catch {
                guard !throwsRejection, error.code != .cancelled else { throw error }
                return completion.value
            }
            rejected = completion.value
        }
    }

    private func attempt<Response: VendorResponse, Body: Sequence<UInt8>>(
        _ lease: consuming Lease, _ isUnsent: (any Error) -> Bool,
        _ send: () async throws -> (Response, Body)
    ) async throws -> Completion<(Response, Body)> {
        let result: Result<(Response, Body), any Error>
        do { result = .success(try await send()) } catch { result = .failure(error) }
        switch result {
        case .success(let answer): return lease.complete(answer.0, body: answer.1, value: answer)
        case .failure(let error):
            // Not ended, a lease counts as spent when it goes out of scope.
            if isUnsent(error) { lease.cancel() }
            throw error
        }
    }

    /// A lease that may be used at this moment: one that became void on its way to the caller is given back.
    private func acquireUsable(
        _ tenant: String?, _ priority: Priority, _ label: String?, deadline: Microseconds
    ) async throws(RateLimitError) -> Lease {
        while true {
            let timeout: Timeout =
                deadline == .max ? .never : .after(.microseconds(max(0, deadline - clock.now())))
            let lease = try await acquire(tenant: tenant, priority: priority, label: label, timeout: timeout)
            if lease.isUsable { return lease }
            lease.cancel()
        }
    }

    /// Waits as long as a rejection asks for, and a moment if it asks for no wait at all.
    private func pause(after rejection: Rejection, deadline: Microseconds) async throws(RateLimitError) {
        let resume = clock.now().after(max(rejection.retryAfter, VerdictRules.pauseMinimum).microseconds)
        guard resume < deadline else { throw .rejected(rejection, "later than the timeout") }
        do { try await clock.sleep(until: resume) } catch { throw .cancelled }
    }

    private func deadline(_ timeout: Timeout) -> Microseconds {
        clock.now().after(timeout: timeout.span(configuration))
    }
}
