// SPDX-License-Identifier: Apache-2.0

/// One command on its way through a cluster: what has been tried for it so far. A pure value.
struct ClusterTrip {
    let slot: HashSlot
    /// When it is given up rather than tried elsewhere, in monotonic nanoseconds.
    let deadline: Int64
    /// How often a node has sent it on.
    var redirections = 0
    /// Where it was not served.
    var tried: Set<RedisAddress.Place> = []
    /// Whom to ask for the slots, still; nil before that has begun.
    var informants: [RedisAddress.Place]?
    /// Whether it goes to a node that failed before: that node's answer is worth telling.
    var isDoubtful = false
    /// Why it was not served where it was tried last.
    var reason: RedisError?

    /// A command may be sent on so often, and be tried at so many nodes.
    static let mostRedirections = 5
    static let mostTried = 5

    init(slot: HashSlot, deadline: Int64) { (self.slot, self.deadline) = (slot, deadline) }
}

/// What to do next with a command.
enum ClusterStep: Equatable {
    /// Send it there; with `ASKING` before it where the slot is on its way.
    case send(RedisAddress.Place, isAsking: Bool)
    /// Ask there which node serves which slot.
    case refresh(RedisAddress.Place)
    /// Give it up.
    case fail(RedisError)
}
