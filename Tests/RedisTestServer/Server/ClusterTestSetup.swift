// SPDX-License-Identifier: Apache-2.0

/// A Redis Cluster of masters that share the slots evenly: real processes, gone with the last reference.
public final class ClusterTestSetup: Sendable {
    /// The masters.
    public let nodes: [RedisTestServer]
    /// A replica of the first master, where one was wanted.
    public let replica: RedisTestServer?
    private let busPorts: [Int]

    /// How many slots a cluster has.
    public static let slots = 16_384

    /// Starts the nodes, lets them meet, and waits until the cluster is whole.
    ///
    /// - Parameters:
    ///   - masters: how many. Default 3.
    ///   - hasReplica: whether the first master has a replica, which takes over about two seconds after its end.
    ///     Default: no.
    public init(masters: Int = 3, hasReplica: Bool = false) throws {
        busPorts = try (0..<masters + 1).map { _ in try FreePort.find() }
        nodes = try busPorts.dropLast().map(Self.node)
        replica = hasReplica ? try Self.node(busPorts[masters]) : nil
        for (index, node) in nodes.enumerated() {
            let slots = share(of: index)
            try Self.check(node.command("CLUSTER", "SET-CONFIG-EPOCH", "\(index + 1)"))
            try Self.check(node.command("CLUSTER", "ADDSLOTSRANGE", "\(slots.lowerBound)", "\(slots.upperBound)"))
            try Self.check(nodes[0].command("CLUSTER", "MEET", "127.0.0.1", "\(port(index))", "\(busPorts[index])"))
        }
        try awaitWhole(nodes)
        if let replica { try begin(replica) }
    }

    private static func node(_ busPort: Int) throws -> RedisTestServer {
        var options = RedisTestServer.Options()
        options.configLines = [
            "cluster-enabled yes", "cluster-config-file nodes.conf", "cluster-node-timeout 500",
            "cluster-port \(busPort)", "repl-diskless-sync-delay 0",
        ]
        return try RedisTestServer(options)
    }

    private func begin(_ replica: RedisTestServer) throws {
        let busPort = busPorts[nodes.count]
        try Self.check(nodes[0].command("CLUSTER", "MEET", "127.0.0.1", "\(replica.port ?? 0)", "\(busPort)"))
        try Polling.wait(for: "a replica's place in the cluster") {
            try replica.words("CLUSTER", "REPLICATE", id(0)) == ["OK"]
        }
        try Polling.wait(for: "a replica's first copy") {
            try replica.command("INFO", "replication").contains("master_link_status:up")
        }
        for node in nodes {
            try Polling.wait(for: "a cluster that knows the replica") {
                try node.words("CLUSTER", "SLOTS").contains("\(replica.port ?? 0)")
            }
        }
    }

    /// The address that names all nodes, or some.
    public func address(_ indices: Int...) -> String {
        let named = indices.isEmpty ? Array(nodes.indices) : indices
        return "redis+cluster://" + named.map { "127.0.0.1:\(port($0))" }.joined(separator: ",")
    }

    public func port(_ index: Int) -> Int { nodes[index].port ?? 0 }

    /// The slots that a master has at first.
    public func share(of index: Int) -> ClosedRange<Int> {
        (Self.slots * index / nodes.count)...(Self.slots * (index + 1) / nodes.count - 1)
    }

    /// The master that has a slot at first.
    public func firstOwner(of slot: Int) -> Int { nodes.indices.first { share(of: $0).contains(slot) } ?? 0 }

    public func slot(of key: String) throws -> Int {
        try nodes[0].words("CLUSTER", "KEYSLOT", key).first.flatMap { Int($0) } ?? 0
    }

    /// A name that, as a hash tag, lies in a master's share.
    public func tag(at index: Int) throws -> String {
        for number in 0..<1_000 where try firstOwner(of: slot(of: "{tag\(number)}")) == index { return "tag\(number)" }
        throw RedisTestServerError("no tag for node \(index)")
    }

    /// Begins to move a slot: from now on its keys may be at either end.
    public func beginMoving(_ slot: Int, from source: Int, to target: Int) throws {
        try Self.check(nodes[target].command("CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", id(source)))
        try Self.check(nodes[source].command("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", id(target)))
    }

    /// Moves at most so many of the slot's keys. How many it were.
    @discardableResult
    public func moveKeys(_ slot: Int, from source: Int, to target: Int, most: Int = 100) throws -> Int {
        let keys = try nodes[source].words("CLUSTER", "GETKEYSINSLOT", "\(slot)", "\(most)")
        for key in keys {
            try Self.check(nodes[source].command("MIGRATE", "127.0.0.1", "\(port(target))", key, "0", "5000"))
        }
        return keys.count
    }

    /// Ends the move: the slot is the target's.
    public func endMoving(_ slot: Int, to target: Int) throws {
        for index in [target] + nodes.indices.filter({ $0 != target }) {
            try Self.check(nodes[index].command("CLUSTER", "SETSLOT", "\(slot)", "NODE", id(target)))
        }
    }

    /// Lets the others go on without a node that is down, and gives its slots to one of them.
    public func replace(_ lost: Int, by heir: Int) throws {
        let rest = nodes.indices.filter { $0 != lost }
        let name = ids[lost]
        for index in rest { try Self.check(nodes[index].command("CLUSTER", "FORGET", name)) }
        let slots = share(of: lost)
        try Self.check(nodes[heir].command("CLUSTER", "ADDSLOTSRANGE", "\(slots.lowerBound)", "\(slots.upperBound)"))
        try Self.check(nodes[heir].command("CLUSTER", "BUMPEPOCH"))
        try awaitWhole(rest.map { nodes[$0] })
    }

    private let knownIDs = Guarded<[String]>([])

    private var ids: [String] { knownIDs.with { $0 } }

    private func id(_ index: Int) -> String { ids[index] }

    private func awaitWhole(_ nodes: [RedisTestServer]) throws {
        for node in nodes {
            try Polling.wait(for: "a whole cluster") {
                let info = try node.words("CLUSTER", "INFO")
                let masters = Set(try node.words("CLUSTER", "SLOTS").filter { $0.count == 40 })
                return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:\(nodes.count)")
                    && masters.count == nodes.count
            }
        }
        guard ids.isEmpty else { return }
        let names = try nodes.map { try $0.words("CLUSTER", "MYID").first ?? "" }
        knownIDs.with { $0 = names }
    }

    private static func check(_ answer: String) throws {
        guard answer.hasPrefix("-") else { return }
        throw RedisTestServerError("a node answered with an error: \(answer)")
    }
}
