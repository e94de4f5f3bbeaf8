// SPDX-License-Identifier: Apache-2.0

import Headroom

// Answers on their way to who waits for them.
//
// Waking a task may wake a thread, and that one then takes this thread's place on the processor: with many answers at once, two
// changes of threads for each. So this thread wakes the task of the first, and that one's wakes the others: by then it has a
// thread, and the others queue up. Should it not get to run, this thread sees to the others a moment later.
extension ConnectionCore {
    /// An answer, and who waits for it.
    struct Delivery {
        let completion: CommandCompletion
        let reply: Result<RedisValue, RedisError>

        func carryOut() { completion.end(reply) }
    }

    /// How long the first task may take to pass on the others' answers.
    private static let patience: Int64 = 1_000_000

    /// Hands replies to their commands. False: more replies than commands.
    ///
    /// - Throws: where a replica answered: who is the master has to be found out anew.
    func deliver(_ replies: inout [RedisValue], written: Int, now: Int64) throws(Interruption) -> Bool {
        var (first, replica): (Delivery?, String?) = (nil, nil)
        var (isDue, passesOn) = (true, false)
        state.withLock { state in
            state.sleep = nil
            if written > 0 { state.pipeline.didSend(written) }
            for reply in replies {
                guard let completion = state.pipeline.reply() else {
                    isDue = false
                    break
                }
                guard let completion else { continue }
                let delivery = Delivery(completion: completion, reply: Self.result(reply, &replica))
                if first == nil { first = delivery } else { state.deliveries.append(delivery) }
            }
            passesOn = !state.deliveries.isEmpty
            if passesOn { state.deliverBy = now + Self.patience }
        }
        replies.removeAll(keepingCapacity: true)
        if let first { first.completion.end(first.reply, passesOn: passesOn) }
        if let replica { throw .failed(RedisError(.lost, "gave up a connection to a replica: \(replica)")) }
        return isDue
    }

    private static func result(_ reply: RedisValue, _ replica: inout String?) -> Result<RedisValue, RedisError> {
        guard case .error(let text) = reply else { return .success(reply) }
        if RedisRefusal(text)?.isOfReplica == true { replica = text }
        return .failure(RedisError(.refused, text, mayHaveRun: true))
    }

    /// Wakes those whose answers came together with the caller's.
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
