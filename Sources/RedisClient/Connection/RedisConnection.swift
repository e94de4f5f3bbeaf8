// SPDX-License-Identifier: Apache-2.0

import struct Synchronization.Atomic

/// One pipelined connection to Redis that mends itself.
///
/// Any number of tasks send at the same time; commands travel in the order in which they were sent, many in one write.
/// A thread of the connection's own does all waiting. Each command ends exactly once: with its answer, at its deadline,
/// with its task's cancellation, or with the connection. While there is no connection, commands wait for the attempt to
/// get one. If that fails, they end with its reason, and the next attempt follows after a growing pause.
package final class RedisConnection: Sendable {
    private let core: ConnectionCore?
    package let options: RedisConnectionOptions
    /// Whether the server has no functions, or this user may not use them. Scripts do the same then.
    let lacksFunctions = Atomic(false)

    /// Starts connecting at once. Never blocks, and never fails: commands end with what is wrong.
    package init(options: RedisConnectionOptions) {
        self.options = options
        core = WakeSignal().map { ConnectionCore(options: options, wake: $0) }
        if let core { ConnectionThread.start(core) }
    }

    deinit { close() }

    /// Sends a command and waits for its answer.
    ///
    /// - Parameters:
    ///   - timeout: until when the answer has to be there; default ``RedisConnectionOptions/commandTimeout``.
    ///   - isAsking: whether `ASKING` goes right before it, for a slot that is on its way to this node.
    /// - Throws: ``RedisError``; its code is `serverError` if the answer is an error of Redis.
    package func send(
        _ command: RedisCommand, timeout: Duration? = nil, isAsking: Bool = false
    ) async throws(RedisError) -> RedisValue {
        guard let core else {
            throw RedisError(.unavailable, "no descriptor left to wake the connection's thread with")
        }
        let handle = CommandHandle()
        let end = await withTaskCancellationHandler {
            await CommandCompletion.wait { completion in
                core.enqueue(command, timeout: timeout, isAsking: isAsking, handle: handle, completion)
            }
        } onCancel: {
            if let sequence = handle.cancel() { core.cancel(sequence) }
        }
        if end.passesOn { core.passOn() }
        return try end.reply.get()
    }

    /// Ends the connection and every command on it, with ``RedisError/Code/closed``. Further calls do nothing.
    package func close() {
        core?.end(RedisError(.closed, "the connection was closed"))
    }
}
