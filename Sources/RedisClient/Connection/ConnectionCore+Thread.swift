// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

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
