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
    ///   - keys: All that the script touches. One, or of one slot: while a slot moves, a node that has only some of
    ///     several keys answers TRYAGAIN.
    ///   - expected: what the script answers.
    package func run(
        _ script: RedisScript, keys: [String], arguments: RedisArguments, expecting expected: ExpectedAnswer = .any
    ) async throws(RedisError) -> RedisValue {
        if let home, try await isSingleServer(home) {
            do {
                return try await home.run(script, keys: keys, arguments: arguments, expecting: expected)
            } catch {
                guard isRedirection(error) else { throw error }
                mode.store(.cluster, ordering: .relaxed)
            }
        }
        let key = keys.first ?? ""
        return try await route(key) { (connection, isAsking) throws(RedisError) in
            try await connection.run(
                script, keys: keys, arguments: arguments, expecting: expected, isAsking: isAsking)
        }
    }

    /// Sends a command that changes nothing to the server that has a key. The answer is certain to be its own.
    package func send(_ command: RedisCommand, key: String) async throws(RedisError) -> RedisValue {
        if let home, try await isSingleServer(home) { return try await home.sendProven(command) }
        return try await route(key) { (connection, isAsking) throws(RedisError) in
            try await connection.sendProven(command, isAsking: isAsking)
        }
    }

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

    /// The connections that are in use: to the one server, or to nodes of the cluster.
    package var connections: [RedisConnection] {
        (home.map { [$0] } ?? []) + state.withLock { $0.nodes.connections }
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
        let answer = try? await connection(to: node).send(Self.slotsCommand.expecting(.array), timeout: patience)
        return answer.flatMap { ClusterSlots($0, from: node.host) }
    }
}

extension RedisRouter {
    /// Whether the server is no node of a cluster. It is asked once, for the slots: outside a cluster that is an error.
    /// (`READWRITE` is not: Redis 6 and Valkey answer it with `OK` anywhere.)
    private func isSingleServer(_ home: RedisConnection) async throws(RedisError) -> Bool {
        switch mode.load(ordering: .relaxed) {
        case .single: return true
        case .cluster: return false
        case .unknown: break
        }
        do {
            let slots = ClusterSlots(try await home.send(Self.slotsCommand), from: options.address.target.host)
            // A server that names no node's slots may still redirect.
            let isNode = slots.map { !$0.nodes.isEmpty } ?? false
            mode.store(isNode ? .cluster : .single, ordering: .relaxed)
            return !isNode
        } catch {
            guard let answer = error.serverError else { throw error }
            // If this user may not ask, redirections show it.
            let isAnswer = !answer.isTemporary || answer.isOfUser
            if isAnswer { mode.store(.single, ordering: .relaxed) }
            return true
        }
    }

    private static let slotsCommand = RedisCommand("CLUSTER", "SLOTS")

    /// Whether an error sends the caller to another node.
    private func isRedirection(_ error: RedisError) -> Bool {
        error.code == .serverError && Redirection(error.message, from: options.address.target.host) != nil
    }
}
