// SPDX-License-Identifier: Apache-2.0

import HeadroomSupport

import struct Synchronization.Atomic
import protocol Synchronization.AtomicRepresentable

/// A router of scripts to the server that has their keys: the one server of an address, or the right node of a cluster.
///
/// ``ClusterRoutes`` decides which node that is; the router carries it out, inside its caller's own call. The
/// connection to a server that is no node of a cluster is used as it is.
package final class RedisRouter: Sendable {
    private struct State {
        var routes: ClusterRoutes
        var nodes = NodeTable<RedisConnection>()
    }

    private enum Mode: UInt8, AtomicRepresentable {
        case unknown, single, cluster
    }

    package let options: RedisConnectionOptions
    /// The connection to the server of the address. `nil` if the address names a cluster.
    private let home: RedisConnection?
    private let mode: Atomic<Mode>
    private let state: Mutex<State>

    package convenience init(options: RedisConnectionOptions) {
        if case .cluster = options.address.target {
            self.init(options, home: nil)
        } else {
            self.init(options, home: RedisConnection(options: options))
        }
    }

    /// A router that begins with a connection that is there.
    package convenience init(_ home: RedisConnection) { self.init(home.options, home: home) }

    private init(_ options: RedisConnectionOptions, home: RedisConnection?) {
        (self.options, self.home) = (options, home)
        let target = options.address.target
        if case .sentinel = target { mode = Atomic(.single) } else { mode = Atomic(home == nil ? .cluster : .unknown) }
        state = Mutex(State(routes: ClusterRoutes(seeds: target.seeds)))
    }

    /// Calls a script, as ``RedisConnection/run(_:keys:arguments:expecting:timeout:isAsking:)`` does.
    ///
    /// - Parameters:
    ///   - keys: Of one slot. The script may touch others of that slot as well.
    ///   - expected: what the script answers.
    package func run(
        _ script: RedisScript, keys: [String], arguments: RedisArguments, expecting expected: ExpectedAnswer = .any
    ) async throws(RedisError) -> RedisValue {
        if let home, try await isSingleServer(home) {
            do {
                return try await home.run(script, keys: keys, arguments: arguments, expecting: expected)
            } catch {
                guard Self.isOfCluster(error) else { throw error }
                mode.store(.cluster, ordering: .relaxed)
                // A script that was stopped may have written before. The caller's repetition finds out.
                guard Redirection(error.message, from: options.address.target.host) != nil else { throw error }
            }
        }
        let key = keys.first ?? ""
        let watched = keys + [key + Self.neverThere]
        return try await route(key) { (connection, isAsking) throws(RedisError) in
            try await connection.run(
                script, keys: watched, arguments: arguments, expecting: expected, isAsking: isAsking)
        }
    }

    /// Sends a command to the server that has a key, and repeats nothing.
    package func send(_ command: RedisCommand, key: String) async throws(RedisError) -> RedisValue {
        if let home, try await isSingleServer(home) { return try await home.send(command) }
        return try await route(key) { (connection, isAsking) throws(RedisError) in
            try await connection.send(command, isAsking: isAsking)
        }
    }

    /// The ending of a key that is named in every call to a cluster, and never exists. While a slot's keys move one by
    /// one, a script must not run at a node that has only some of them. As this key is missing at both nodes, Redis
    /// answers TRYAGAIN until the slot has moved as a whole.
    private static let neverThere = ":whole"

    /// Takes a command to the node that serves the key.
    func route(
        _ key: String, _ send: (RedisConnection, _ isAsking: Bool) async throws(RedisError) -> RedisValue
    ) async throws(RedisError) -> RedisValue {
        let start = MonotonicTime.now()
        var trip = ClusterTrip(
            slot: HashSlot(of: key), deadline: MonotonicTime.after(options.commandTimeout * 2, from: start))
        var step = state.withLock { $0.routes.begin(&trip, now: start) }
        while true {
            switch step {
            case .fail(let error): throw error
            case .refresh(let node):
                let slots = await slots(at: node)
                step = state.withLock { $0.routes.learned(slots, at: node, &trip, now: MonotonicTime.now()) }
            case .send(let node, let isAsking):
                do {
                    let answer = try await send(connection(to: node), isAsking)
                    if trip.isDoubtful { state.withLock { $0.routes.served(at: node) } }
                    return answer
                } catch {
                    step = state.withLock { $0.routes.next(after: error, at: node, &trip, now: MonotonicTime.now()) }
                }
            }
        }
    }

    private func connection(to node: RedisAddress.Target) -> RedisConnection {
        if let home, node == options.address.target { return home }
        let now = MonotonicTime.now()
        // Connections that leave the table are released outside the lock.
        let (connection, _) = state.withLock { state in
            state.nodes.connection(to: node, now: now) { RedisConnection(options: options.ofNode(node)) }
        }
        return connection
    }

    private func slots(at node: RedisAddress.Target) async -> ClusterSlots? {
        let patience = min(options.commandTimeout, .milliseconds(500))
        let slotsCommand = RedisCommand("CLUSTER", "SLOTS").expecting(.array)
        let answer = try? await connection(to: node).send(slotsCommand, timeout: patience)
        return answer.flatMap { ClusterSlots($0, from: node.host) }
    }
}

extension RedisRouter {
    /// Whether the server is no node of a cluster. It is asked once, by `READWRITE`: a command that only such nodes
    /// take, and that changes nothing there.
    private func isSingleServer(_ home: RedisConnection) async throws(RedisError) -> Bool {
        switch mode.load(ordering: .relaxed) {
        case .single: return true
        case .cluster: return false
        case .unknown: break
        }
        do {
            _ = try await home.send(RedisCommand("READWRITE").expecting(.status))
            mode.store(.cluster, ordering: .relaxed)
            return false
        } catch {
            guard let answer = error.serverError else { throw error }
            // If this user may not ask, redirections show it.
            let isAnswer = !answer.isTemporary || answer.isOfUser
            if isAnswer { mode.store(.single, ordering: .relaxed) }
            return true
        }
    }

    /// A redirection, or a script that was stopped as some of its keys have moved to another node.
    private static func isOfCluster(_ error: RedisError) -> Bool {
        guard let answer = error.serverError else { return false }
        return Redirection(answer.text, from: "localhost") != nil || answer.isOfMovedKeys
    }
}
