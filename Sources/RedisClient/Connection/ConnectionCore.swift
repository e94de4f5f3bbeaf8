// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

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
