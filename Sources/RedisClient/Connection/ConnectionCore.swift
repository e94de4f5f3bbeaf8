// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

import struct Synchronization.Atomic

/// The state that callers and the connection's thread share, behind a lock. Continuations are resumed outside it.
final class ConnectionCore: Sendable {
    struct State {
        var pipeline = CommandPipeline<CommandCompletion>()
        /// What is allowed to wake the thread. `nil` unless it sleeps.
        var sleep: Sleep?
        /// The connected socket while callers may write to it themselves; -1 otherwise. The thread takes the socket
        /// back, under the lock, before it closes it.
        var directSocket: Int32 = -1
        /// Answers that the task of the first one passes on to the others, and when the thread does so itself.
        var deliveries: [Delivery] = []
        var deliverBy = Int64.max
        /// When the pipeline last went from empty to not empty.
        var busySince: Int64 = 0
        /// Why there is no connection. `nil` while there is one, and before the first attempt has failed.
        var whyDown: String?
        /// Why no command is taken any more. `nil` until the end.
        var ended: RedisError?
    }

    /// The thread's sleep: until when, and whether bytes to write are worth waking it for.
    struct Sleep {
        var until: Int64
        var wantsBytes: Bool
    }

    let state = Mutex(State())
    let wake: WakeSignal
    let options: RedisConnectionOptions
    /// How often the connection was opened.
    let openings = Atomic<UInt64>(0)

    init(options: RedisConnectionOptions, wake: WakeSignal) {
        (self.options, self.wake) = (options, wake)
    }

    private static let asking = RedisCommand("ASKING").expecting(.status)

    /// Takes a command, or completes it at once if it cannot be taken.
    ///
    /// - Parameter isAsking: Whether `ASKING` goes right before it.
    func enqueue(
        _ command: RedisCommand, timeout: Duration?, isAsking: Bool, handle: borrowing CommandHandle,
        _ completion: CommandCompletion
    ) {
        guard !handle.isCancelled else { return completion.fail(Self.cancelled(mayRun: false)) }
        let now = MonotonicTime.now()
        let deadline = MonotonicTime.after(timeout ?? options.commandTimeout, from: now)
        let (failure, wakes, sequence) = state.withLock { state -> (RedisError?, Bool, UInt64) in
            if let failure = self.failure(state, deadline <= now) { return (failure, false, 0) }
            if state.pipeline.count == 0 { state.busySince = now }
            if isAsking { state.pipeline.enqueueUnawaited(Self.asking) }
            let sequence = state.pipeline.enqueue(command, deadline: deadline, completion)
            return (nil, state.needsWake(deadline: deadline), sequence)
        }
        if let failure { return completion.fail(failure) }
        if wakes { wake.signal() }
        if !handle.assign(sequence) { cancel(sequence) }
    }

    /// Why a command cannot be taken. `nil` if it can.
    private func failure(_ state: borrowing State, _ isLate: Bool) -> RedisError? {
        if let ended = state.ended { return ended }
        if isLate { return RedisError(.timedOut, "the command's timeout is not above zero; it was not sent") }
        guard state.pipeline.count >= options.maximumQueued else { return nil }
        return RedisError(
            .queueFull,
            "\(options.maximumQueued) commands wait for \(options.address.endpoint) already; this one was not sent")
    }

    /// Ends a command because its task was cancelled. Does nothing if it has ended already.
    func cancel(_ sequence: UInt64) {
        guard let (completion, mayRun) = state.withLock({ $0.pipeline.cancel(sequence) }) else { return }
        completion.fail(Self.cancelled(mayRun: mayRun))
    }

    private static func cancelled(mayRun: Bool) -> RedisError {
        let message = mayRun ? "cancelled before the answer came" : "cancelled before the command was sent"
        return RedisError(.cancelled, message, mayHaveRun: mayRun)
    }

    /// Ends everything: what waits, and what would come.
    func end(_ error: RedisError) {
        let (drained, answered) = state.withLock { state in
            if state.ended == nil { state.ended = error }
            state.directSocket = -1
            return (state.pipeline.drain(), state.takeDeliveries())
        }
        wake.signal()
        for delivery in answered { delivery.carryOut() }
        for (completion, wasSent) in drained {
            completion.fail(RedisError(error.code, error.message, mayHaveRun: wasSent))
        }
    }
}

extension ConnectionCore.State {
    /// Whether the thread has to be woken for the command just taken; at most once a sleep.
    mutating func needsWake(deadline: Int64) -> Bool {
        guard let asleep = sleep else { return false }
        let isSent = writeDirectly()
        guard deadline < asleep.until || (asleep.wantsBytes && !isSent) else { return false }
        sleep = nil
        return true
    }

    // With one command at a time, the caller writes it itself: a thread's wake-up less. With more, the thread does:
    // many commands in one write.
    private mutating func writeDirectly() -> Bool {
        guard directSocket >= 0, pipeline.count == 1 else { return false }
        guard let count = pipeline.unsent.withRemaining({ SocketIO.send(directSocket, $0) }) else { return false }
        pipeline.didSendDirectly(count)
        return pipeline.unsent.isEmpty
    }
}

/// The reason for which the thread leaves its connection.
enum Interruption: Error {
    /// The connection's owner is done with it.
    case stopped
    /// The connection failed.
    case failed(RedisError)
}

// The thread's side.
extension ConnectionCore {
    /// The outcome of one look at the commands, before the thread may sleep.
    struct Turn {
        /// `nil` if the thread stays awake, because there is something to do.
        var sleepUntil: Int64?
        /// Since when the pipeline has not been empty, if a command that was sent has timed out just now. `nil` if none
        /// has.
        var overdueSince: Int64?
    }

    /// Ends commands whose time has come and, unless `prepare` says to stay awake, marks the thread as asleep.
    ///
    /// - Parameter wantsBytes: whether new commands are worth waking the thread for.
    func turn(
        now: Int64, until: Int64, wantsBytes: Bool, _ prepare: (inout CommandPipeline<CommandCompletion>) -> Bool
    ) throws(Interruption) -> Turn {
        var expired: [(completion: CommandCompletion, mayRun: Bool)] = []
        var whyDown: String?
        var late: [Delivery] = []
        let turn = state.withLock { state -> Turn? in
            guard state.ended == nil else { return nil }
            expired = state.pipeline.expire(now: now)
            if !expired.isEmpty { whyDown = state.whyDown }
            let staysAwake = prepare(&state.pipeline)
            late = state.takeLateDeliveries(now: now)
            let wakeAt = min(until, state.pipeline.earliestDeadline, state.deliverBy)
            state.sleep = staysAwake ? nil : Sleep(until: wakeAt, wantsBytes: wantsBytes)
            let isOverdue = expired.contains { $0.mayRun }
            return Turn(sleepUntil: staysAwake ? nil : wakeAt, overdueSince: isOverdue ? state.busySince : nil)
        }
        for delivery in late { delivery.carryOut() }
        for (completion, mayRun) in expired { completion.fail(timedOut(mayRun, whyDown)) }
        guard let turn else { throw .stopped }
        return turn
    }

    private func timedOut(_ mayRun: Bool, _ whyDown: String?) -> RedisError {
        let endpoint = options.address.endpoint
        let reason = whyDown.map { " (\($0))" } ?? ""
        let message =
            mayRun ? "no answer from \(endpoint) in time" : "not sent in time: no connection to \(endpoint)\(reason)"
        return RedisError(.timedOut, message, mayHaveRun: mayRun)
    }

    /// Lets callers write to the socket themselves, or takes it back with -1.
    func lend(_ socket: Int32, isConnected: Bool = false) {
        if isConnected { openings.add(1, ordering: .relaxed) }
        state.withLock { state in
            state.directSocket = state.ended == nil ? socket : -1
            if isConnected { state.whyDown = nil }
        }
    }

    /// Ends all commands after a failure: those that were sent with its reason, the others as safe to repeat.
    func fail(_ error: RedisError) {
        let drained = state.withLock { state in
            state.whyDown = error.message
            return state.pipeline.drain()
        }
        for (completion, wasSent) in drained {
            let isLoss = error.code == .lost || error.code == .protocolViolation
            let code = isLoss && !wasSent ? .unavailable : error.code
            completion.fail(RedisError(code, error.message, mayHaveRun: wasSent))
        }
    }
}
