// SPDX-License-Identifier: Apache-2.0

/// The routing table of a Redis Cluster: what is known of its nodes, and where a command goes next. A pure value.
///
/// A node is asked for the whole picture at first, so that the others are known before it fails, and after failures. In
/// between, redirections show what changes. Only the masters of slots that commands were for are remembered.
struct ClusterRoutes {
    typealias Target = RedisAddress.Target

    private let seeds: [Target]
    private var nodes: [Target] = []
    private var masters: [HashSlot: Target] = [:]
    /// The nodes that failed and have not served since.
    private var doubted: Set<Target> = []
    private var refreshedAt: Int64?

    /// The shortest time between two requests for the whole picture, in nanoseconds.
    static let refreshInterval: Int64 = 100_000_000

    /// - Parameter seeds: the nodes of the address.
    init(seeds: [Target]) { self.seeds = seeds }

    /// The first step of a command.
    mutating func begin(_ trip: inout ClusterTrip, now: Int64) -> ClusterStep {
        guard refreshedAt != nil, let master = masters[trip.slot], !doubted.contains(master) else {
            return refreshOrSend(&trip, now)
        }
        return send(&trip, master)
    }

    /// The step after an error.
    mutating func next(after error: RedisError, at node: Target, _ trip: inout ClusterTrip, now: Int64) -> ClusterStep {
        if error.code == .serverError, let redirection = Redirection(error.message, from: node.host) {
            doubted.remove(node)
            return follow(redirection, &trip)
        }
        guard Self.isDoubt(error) else { return .fail(error) }
        doubt(node)
        // Whether it ran is for the caller to find out, who may repeat it: then it will go elsewhere.
        guard Self.isUnrun(error) else { return .fail(error) }
        trip.tried.insert(node)
        trip.reason = error
        guard now < trip.deadline, trip.tried.count < ClusterTrip.mostTried else { return .fail(error) }
        return refreshOrSend(&trip, now)
    }

    /// The step after a node was asked for the slots. `slots` is `nil` if it did not answer that.
    mutating func learned(
        _ slots: ClusterSlots?, at node: Target, _ trip: inout ClusterTrip, now: Int64
    ) -> ClusterStep {
        guard let slots else {
            doubt(node)
            return nextInformant(&trip) ?? sendSomewhere(&trip)
        }
        nodes = slots.nodes.map(Target.init)
        for slot in Array(masters.keys) + [trip.slot] { masters[slot] = slots.master(of: slot).map(Target.init) }
        doubted.remove(node)
        doubted.formIntersection(candidates)
        trip.informants = []
        return sendSomewhere(&trip)
    }

    /// Notes that a node served a command: its failures are forgotten.
    mutating func served(at node: Target) { doubted.remove(node) }

    // Bounded, whatever names the servers may come up with.
    private mutating func doubt(_ node: Target) {
        if doubted.count >= ClusterSlots.mostNodes { doubted.formIntersection(candidates) }
        if doubted.count < ClusterSlots.mostNodes { doubted.insert(node) }
    }

    private mutating func follow(_ redirection: Redirection, _ trip: inout ClusterTrip) -> ClusterStep {
        trip.redirections += 1
        let target = Target(redirection.target)
        if redirection.kind == .moved { masters[trip.slot] = target }
        guard trip.redirections <= ClusterTrip.mostRedirections else {
            let message =
                "sent on by \(trip.redirections) nodes in a row, to \(target) by the last; the cluster is in change"
            return .fail(RedisError(.unavailable, message))
        }
        return redirection.kind == .ask ? .send(target, isAsking: true) : send(&trip, target)
    }

    private mutating func refreshOrSend(_ trip: inout ClusterTrip, _ now: Int64) -> ClusterStep {
        // If nothing has failed, any node knows the master, and names it in its redirection.
        let isDue = refreshedAt.map { !doubted.isEmpty && now - $0 >= Self.refreshInterval } ?? true
        guard isDue, trip.informants == nil else { return sendSomewhere(&trip) }
        refreshedAt = now
        trip.informants = candidates.filter { !trip.tried.contains($0) }
        return nextInformant(&trip) ?? sendSomewhere(&trip)
    }

    private func nextInformant(_ trip: inout ClusterTrip) -> ClusterStep? {
        guard let informants = trip.informants, let first = informants.first else { return nil }
        trip.informants = Array(informants.dropFirst().prefix(ClusterTrip.mostTried - 1))
        return .refresh(first)
    }

    private func sendSomewhere(_ trip: inout ClusterTrip) -> ClusterStep {
        if let master = masters[trip.slot] {
            guard trip.tried.contains(master) else { return send(&trip, master) }
        } else if let node = candidates.first(where: { !trip.tried.contains($0) }) {
            return send(&trip, node)
        }
        return .fail(trip.reason ?? RedisError(.unavailable, "no node of the cluster is known"))
    }

    private func send(_ trip: inout ClusterTrip, _ node: Target) -> ClusterStep {
        trip.isDoubtful = doubted.contains(node)
        return .send(node, isAsking: false)
    }

    /// All nodes, those that have not failed first.
    private var candidates: [Target] {
        let all = nodes + seeds.filter { !nodes.contains($0) }
        return all.filter { !doubted.contains($0) } + all.filter(doubted.contains)
    }
}

extension ClusterRoutes {
    /// Whether an error makes it likely that another node serves the slot now, or soon.
    private static func isDoubt(_ error: RedisError) -> Bool {
        switch error.code {
        case .unavailable, .lost, .timedOut, .authentication, .protocolViolation: true
        case .serverError: isOfNode(error)
        default: false
        }
    }

    private static func isUnrun(_ error: RedisError) -> Bool { !error.mayHaveRun || isOfNode(error) }

    private static func isOfNode(_ error: RedisError) -> Bool {
        error.serverError?.isOfNode ?? false
    }
}

/// A command on its way through a cluster, with what has been tried for it so far. A pure value.
struct ClusterTrip {
    let slot: HashSlot
    /// The time from which it is given up rather than tried elsewhere, in monotonic nanoseconds.
    let deadline: Int64
    /// How often a node has sent it on.
    var redirections = 0
    /// The nodes that did not serve it.
    var tried: Set<RedisAddress.Target> = []
    /// The nodes that are still to be asked for the slots. `nil` before that has begun.
    var informants: [RedisAddress.Target]?
    /// Whether it goes to a node that failed before: an answer of that node is noted.
    var isDoubtful = false
    /// Why it was not served by the node that was tried last.
    var reason: RedisError?

    /// The most redirections of a command, and the most nodes that it is tried at.
    static let mostRedirections = 5
    static let mostTried = 5

    init(slot: HashSlot, deadline: Int64) { (self.slot, self.deadline) = (slot, deadline) }
}

/// The next step for a command.
enum ClusterStep: Equatable {
    /// Send it there, with `ASKING` before it if the slot is on its way.
    case send(RedisAddress.Target, isAsking: Bool)
    /// Ask there which node serves which slot.
    case refresh(RedisAddress.Target)
    /// Give it up.
    case fail(RedisError)
}
