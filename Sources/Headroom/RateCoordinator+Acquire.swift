// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

extension RateCoordinator {
    /// How long callers wait for `run()` to be started.
    static let startPatience: Microseconds = 1_000_000

    /// Waits for a permit to make one call.
    ///
    /// - Parameters:
    ///   - tenant: whose budget the call draws on as well: 1 to 128 bytes of printable ASCII without blanks and braces.
    ///     Default: none.
    ///   - priority: callers of a higher one go first. Default: normal.
    ///   - label: what the call is for: 1 to 64 bytes of printable ASCII without blanks and braces. Nothing is counted
    ///     by it yet. Default: none.
    ///   - timeout: how long to wait, from now. Default: as configured.
    /// - Throws: ``RateLimitError``; at once if it is known that nothing comes before the timeout.
    public func acquire(
        tenant: String? = nil, priority: Priority = .normal, label: String? = nil, timeout: Timeout = .configured
    ) async throws(RateLimitError) -> Lease {
        let lane = try lane(tenant, priority, label)
        if let record = takeReady(lane) { return Lease(self, record, label: label) }
        let (admission, deadline) = admit(lane, timeout: timeout.span(configuration))
        if case .lease(let record) = admission { return Lease(self, record, label: label) }
        let record = try await wait(lane, deadline: deadline, admission)
        return Lease(self, record, label: label)
    }

    /// A permit that is in the pool now, as a lease. `nil` if there is none. Never waits.
    ///
    /// Meant for high rates, at which the pool is kept filled: it does not ask the ledger. Parameters are those of
    /// ``acquire(tenant:priority:label:timeout:)``.
    ///
    /// - Throws: ``RateLimitError`` if the tenant or the label is not valid.
    public func tryAcquire(
        tenant: String? = nil, priority: Priority = .normal, label: String? = nil
    ) throws(RateLimitError) -> Lease? {
        let lane = try lane(tenant, priority, label)
        let record = takeReady(lane) ?? takeNow(lane)
        guard let record else { return nil }
        return Lease(self, record, label: label)
    }

    private func lane(_ tenant: String?, _ priority: Priority, _ label: String?) throws(RateLimitError) -> Lane {
        if let label, !(1...64).contains(label.utf8.count) || !label.utf8.allSatisfy(isPlainASCII) {
            throw .invalidLabel(label)
        }
        guard let tenant else { return Lane(tenant: nil, priority: priority) }
        guard let valid = Tenant(tenant) else { throw .invalidTenant(tenant) }
        return Lane(tenant: valid, priority: priority)
    }

    /// Waits for a permit, then for its slot; anew, in the old place, if the permit became void meanwhile.
    private func wait(
        _ lane: Lane, deadline: Microseconds, _ admission: CoordinatorMachine.Admission
    ) async throws(RateLimitError) -> CoordinatorMachine.LeaseRecord {
        var id: UInt64?
        var permit: Permit?
        switch admission {
        case .lease(let record): return record
        case .slot(let early): permit = early
        case .wait(let number): id = number
        case .failure(let error): throw error
        }
        var again = false
        while true {
            if permit == nil {
                let number = id ?? state.withLock { $0.nextID() }
                id = number
                permit = try await waitForPermit(number, lane, deadline: deadline, again: again)
            }
            if let granted = permit, let record = try await waitForSlot(granted) { return record }
            (permit, again) = (nil, true)
        }
    }

    private func waitForPermit(
        _ id: UInt64, _ lane: Lane, deadline: Microseconds, again: Bool
    ) async throws(RateLimitError) -> Permit {
        let isStarted = state.withLock { $0.phase != .notStarted }
        let outcome =
            isStarted
            ? await enqueue(id, lane, deadline: deadline, again: again)
            : await enqueueUnstarted(id, lane, deadline: deadline)
        switch outcome {
        case .permit(let permit): return permit
        case .failure(let error): throw error
        }
    }

    private func enqueue(_ id: UInt64, _ lane: Lane, deadline: Microseconds, again: Bool) async -> WaitOutcome {
        // Whoever is cancelled already asks nobody.
        guard !Task.isCancelled else { return .failure(state.withLock { $0.fail(.cancelled) }) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let now = clock.now()
                let actions = withStripesCollected(at: now) {
                    $0.enqueue(id, lane, deadline: deadline, again: again, waiter: waiter, at: now)
                }
                perform(actions)
                // A cancellation before this point has not found the waiter.
                if Task.isCancelled { perform(state.withLock { $0.cancel(id) }) }
            }
        } onCancel: {
            perform(state.withLock { $0.cancel(id) })
        }
    }

    /// The same before `run()` was started: it may be a moment later than its callers.
    private func enqueueUnstarted(_ id: UInt64, _ lane: Lane, deadline: Microseconds) async -> WaitOutcome {
        let patience = min(deadline, clock.now() + Self.startPatience)
        return await withTaskGroup(of: WaitOutcome?.self) { group in
            group.addTask { await self.enqueue(id, lane, deadline: deadline, again: false) }
            group.addTask {
                guard (try? await self.clock.sleep(until: patience)) != nil else { return nil }
                self.perform(self.state.withLock { $0.giveUpUnstarted(id) })
                return nil
            }
            for await outcome in group {
                guard let outcome else { continue }
                group.cancelAll()
                return outcome
            }
            return .failure(.cancelled)
        }
    }

    private func waitForSlot(_ permit: Permit) async throws(RateLimitError) -> CoordinatorMachine.LeaseRecord? {
        do {
            try await clock.sleep(until: permit.slot)
        } catch {
            let now = clock.now()
            perform(state.withLock { $0.giveBack(permit, at: now) })
            throw .cancelled
        }
        let now = clock.now()
        let (result, actions) = state.withLock { $0.begin(permit, at: now) }
        perform(actions)
        return try result.get()
    }
}

/// How long a caller waits for permits, and tries again after rejections, from when it asks.
public struct Timeout: Sendable, Hashable {
    @usableFromInline enum Kind: Hashable, Sendable {
        case configured, never
        case after(Duration)
    }

    private let kind: Kind

    // The default of every call: inlined, it costs nothing.
    @usableFromInline init(kind: Kind) { self.kind = kind }

    /// As long as ``RateCoordinator/Configuration/timeout`` says: 60 s unless set otherwise.
    @inlinable public static var configured: Timeout { Timeout(kind: .configured) }
    /// Until the task is cancelled.
    @inlinable public static var never: Timeout { Timeout(kind: .never) }

    /// As long as the span. Zero or less: only what is there at once.
    public static func after(_ span: Duration) -> Timeout { Timeout(kind: .after(span)) }

    /// As many seconds.
    public static func seconds(_ seconds: Int) -> Timeout { .after(.seconds(seconds)) }

    /// As many milliseconds.
    public static func milliseconds(_ milliseconds: Int) -> Timeout { .after(.milliseconds(milliseconds)) }

    /// The span; nil: without end.
    func span(_ configuration: RateCoordinator.Configuration) -> Duration? {
        switch kind {
        case .configured: configuration.timeout
        case .never: nil
        case .after(let span): span
        }
    }
}
