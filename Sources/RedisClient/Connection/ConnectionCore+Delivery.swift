// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

// Answers on their way to who waits for them.
//
// Waking a task may wake a thread, which then takes this thread's place on the processor: with many answers at once,
// two changes of threads for each. So this thread wakes the task of the first answer only, and that task wakes those of
// the others: by then it has a thread, and the others queue up for it. If the first task does not get to run, this
// thread wakes the others a moment later.
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
        /// A replica answered, with this text: the master has to be found anew.
        case replica(String)
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
                let delivery = Delivery(completion: completion, reply: Self.result(reply, &delivered))
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

    private static func result(_ reply: RedisValue, _ delivered: inout Delivered) -> Result<RedisValue, RedisError> {
        guard case .error(let text) = reply else { return .success(reply) }
        if ServerError(text).isOfReplica { delivered.fault = .replica(text) }
        return .failure(RedisError(.serverError, text, mayHaveRun: true))
    }

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
