// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

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
    /// Whether functions are called, or scripts in their place.
    let functionUse = FunctionUse()

    /// Starts connecting at once. Never blocks, and never fails: commands end with what is wrong.
    package init(options: RedisConnectionOptions) {
        self.options = options
        core = WakeSignal().map { ConnectionCore(options: options, wake: $0) }
        if let core { ConnectionThread.start(core) }
    }

    deinit { close() }

    /// How often the connection was opened, or is about to be: behind each opening may be another server.
    var opening: UInt64 { max(1, core?.openings.load(ordering: .relaxed) ?? 0) }

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

    /// Sends a command that changes nothing, and makes sure that the answer is its own: a `PING` that goes after the
    /// answer has come, with a number of its own, gets that number back over the same connection.
    package func sendProven(
        _ command: RedisCommand, isAsking: Bool = false
    ) async throws(RedisError) -> RedisValue {
        let answer = try await send(command, isAsking: isAsking)
        let opening = opening
        let number = "\(UInt64.random(in: 0...UInt64.max))"
        _ = try await send(RedisCommand("PING", number).expecting(.echo(number)))
        // Another connection proves nothing of the one before.
        guard self.opening == opening else {
            throw RedisError(.unavailable, "the connection to \(options.address.endpoint) was lost meanwhile")
        }
        return answer
    }

    /// Ends the connection and every command on it, with ``RedisError/Code/closed``. Further calls do nothing.
    package func close() {
        core?.end(RedisError(.closed, "the connection was closed"))
    }
}

/// The end of a caller's wait for a command's answer: ended exactly once, by whoever took it out of the pipeline.
struct CommandCompletion: Sendable {
    #if DEBUG
    private let continuation: CheckedContinuation<CommandEnd, Never>
    #else
    // A word without a reference count; a checked one is an object, and the pipeline moves thousands of them about.
    private let continuation: UnsafeContinuation<CommandEnd, Never>
    #endif

    /// Waits until the completion that `body` gets is ended.
    static func wait(_ body: (CommandCompletion) -> Void) async -> CommandEnd {
        #if DEBUG
        await withCheckedContinuation { body(CommandCompletion(continuation: $0)) }
        #else
        await withUnsafeContinuation { body(CommandCompletion(continuation: $0)) }
        #endif
    }

    func end(_ reply: Result<RedisValue, RedisError>, passesOn: Bool = false) {
        continuation.resume(returning: CommandEnd(reply: reply, passesOn: passesOn))
    }

    func fail(_ error: RedisError) { end(.failure(error)) }
}

/// How a command ended.
struct CommandEnd: Sendable {
    let reply: Result<RedisValue, RedisError>
    /// Whether its task is to pass on the answers that came with this one.
    let passesOn: Bool
}

/// A handle by which a cancellation finds its command, whichever of the two comes first. It is used for one command.
struct CommandHandle: ~Copyable, Sendable {
    private static let cancelled = UInt64.max
    private static let unknown = UInt64.max - 1

    private let state = Atomic<UInt64>(unknown)

    /// Whether the cancellation has come.
    var isCancelled: Bool { state.load(ordering: .acquiring) == Self.cancelled }

    /// Notes the command's number. Returns false if the cancellation has come before; then the caller carries it out.
    borrowing func assign(_ sequence: UInt64) -> Bool {
        state.compareExchange(expected: Self.unknown, desired: sequence, ordering: .acquiringAndReleasing).exchanged
    }

    /// Notes the cancellation. Returns the number of the command to cancel. `nil` if it has none yet.
    borrowing func cancel() -> UInt64? {
        let sequence = state.exchange(Self.cancelled, ordering: .acquiringAndReleasing)
        return sequence >= Self.unknown ? nil : sequence
    }
}

// Answers on their way to who waits for them.
//
// Waking a task may wake a thread, which then takes the place of the connection's own on the processor: with many
// answers at once, two changes of threads for each. So the connection's thread wakes the task of the first answer only,
// and that task wakes those of the others: by then it has a thread, and the others queue up for it. If the first task
// does not get to run, the connection's thread wakes the others a moment later.
extension ConnectionCore {
    /// An answer, and who waits for it.
    struct Delivery {
        let completion: CommandCompletion
        let reply: Result<RedisValue, RedisError>

        func carryOut() { completion.end(reply) }
    }

    /// The outcome of delivering some answers.
    struct Delivered {
        /// Whether the connection serves: an answer has reached someone who waited for it, or none is owed any more.
        var serves = false
        /// Why the connection is of no use from now on. `nil` if it is of use.
        var fault: Fault?
    }

    enum Fault {
        /// An answer that no command waits for.
        case unasked
        /// An answer that cannot be the one to the command that was due.
        case outOfStep
        /// A replica answered, or a master without replicas, with this text: the master has to be found anew.
        case otherMaster(String)
    }

    /// How long the first task may take to pass on the others' answers.
    private static let patience: Int64 = 1_000_000

    /// Hands replies to their commands, up to the first that is no answer to its command.
    func deliver(_ replies: inout [RedisValue], written: Int, now: Int64) -> Delivered {
        var (delivered, first, passesOn) = (Delivered(), nil as Delivery?, false)
        state.withLock { state in
            state.sleep = nil
            if written > 0 { state.pipeline.didSend(written) }
            for reply in replies {
                guard let completion = Self.addressee(of: reply, &state.pipeline, &delivered) else { break }
                guard let completion else { continue }
                let delivery = Delivery(completion: completion, reply: result(reply, &delivered))
                if first == nil { first = delivery } else { state.deliveries.append(delivery) }
            }
            delivered.serves = first != nil || state.pipeline.count == 0
            passesOn = !state.deliveries.isEmpty
            if passesOn { state.deliverBy = now + Self.patience }
        }
        replies.removeAll(keepingCapacity: true)
        if let first { first.completion.end(first.reply, passesOn: passesOn) }
        return delivered
    }

    /// Who waits for an answer: the inner value is `nil` if nobody does any more. `nil` if no such answer was due.
    private static func addressee(
        of reply: RedisValue, _ pipeline: inout CommandPipeline<CommandCompletion>, _ delivered: inout Delivered
    ) -> CommandCompletion?? {
        switch pipeline.reply(reply) {
        case .command(let completion): return .some(completion)
        case .other: delivered.fault = .outOfStep
        case .none: delivered.fault = .unasked
        }
        return nil
    }

    private func result(_ reply: RedisValue, _ delivered: inout Delivered) -> Result<RedisValue, RedisError> {
        guard case .error(let text) = reply else { return .success(reply) }
        let error = ServerError(text)
        if error.isOfReplica || error.isOfLeftMaster && namesMaster { delivered.fault = .otherMaster(text) }
        return .failure(RedisError(.serverError, text, mayHaveRun: true))
    }

    /// Whether the address says who knows the master: it may be another one by now.
    private var namesMaster: Bool { if case .sentinel = options.address.target { true } else { false } }

    /// Wakes those whose answers came with the caller's.
    func passOn() {
        for delivery in state.withLock({ $0.takeDeliveries() }) { delivery.carryOut() }
    }
}

extension ConnectionCore.State {
    mutating func takeDeliveries() -> [ConnectionCore.Delivery] {
        deliverBy = .max
        defer { deliveries = [] }
        return deliveries
    }

    /// Those that should have been passed on by now.
    mutating func takeLateDeliveries(now: Int64) -> [ConnectionCore.Delivery] {
        now >= deliverBy ? takeDeliveries() : []
    }
}
