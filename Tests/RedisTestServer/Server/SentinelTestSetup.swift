// SPDX-License-Identifier: Apache-2.0

/// A master, its replicas, and sentinels that fail over within about a second: real processes, gone with the last
/// reference.
public final class SentinelTestSetup: Sendable {
    /// How the sentinels call the master.
    public static let service = "headroom"

    /// The servers; the first one is the master at first.
    public let servers: [RedisTestServer]
    public let sentinels: [RedisTestServer]

    /// Starts everything and waits until all know of each other.
    ///
    /// - Parameters:
    ///   - replicas: how many besides the master. Default 2.
    ///   - sentinels: how many; more than half of them have to agree that a master is down. Default 3.
    ///   - password: of the servers. Default: none.
    ///   - sentinelPassword: of the sentinels. Default: none.
    public init(
        replicas: Int = 2, sentinels: Int = 3, password: String? = nil, sentinelPassword: String? = nil
    ) throws {
        let master = try Self.server(of: nil, password)
        servers = [master] + (try (0..<replicas).map { _ in try Self.server(of: master, password) })
        let quorum = sentinels / 2 + 1
        self.sentinels = try (0..<sentinels).map { _ in try Self.sentinel(master, quorum, password, sentinelPassword) }
        try awaitReplicas(replicas)
        try awaitSentinels(replicas)
    }

    /// The address that asks the sentinels.
    ///
    /// - Parameters:
    ///   - sentinels: which of them it names. Default: all.
    ///   - login: what stands before the @, and the @. Default: nothing.
    ///   - query: parameters with their ?. Default: none.
    public func address(_ sentinels: Range<Int>? = nil, login: String = "", query: String = "") -> String {
        let named = self.sentinels[sentinels ?? self.sentinels.indices].map { "127.0.0.1:\($0.port ?? 0)" }
        return "redis+sentinel://\(login)\(named.joined(separator: ","))/\(Self.service)\(query)"
    }

    /// The port of the master that a sentinel names.
    public func namedPort(by sentinel: Int = 0) throws -> Int? {
        try sentinels[sentinel].words("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Self.service).last.flatMap { Int($0) }
    }

    /// Makes sentinels watch over whoever is at another port, as an operator would who moves a master by hand.
    ///
    /// - Parameter sentinels: which of them. Default: all.
    public func rename(to port: Int, by sentinels: Range<Int>? = nil) throws {
        for sentinel in self.sentinels[sentinels ?? self.sentinels.indices] {
            _ = try sentinel.words("SENTINEL", "REMOVE", Self.service)
            _ = try sentinel.words("SENTINEL", "MONITOR", Self.service, "127.0.0.1", "\(port)", "1")
        }
    }

    /// Has the sentinels make a replica the master, as an operator does; returns it once the first sentinel names it.
    ///
    /// An attempt that takes them longer than their timeout is given up by them, and repeated here.
    public func failOver() async throws -> RedisTestServer {
        let before = try namedPort()
        var new: RedisTestServer?
        _ = await eventually {
            // Once one has begun, the sentinel says so in its flags until it has another master.
            let picture = try? Self.picture(of: sentinels[0])
            if picture?["flags"] == "master", picture?["port"] == before.map(String.init) {
                _ = try? sentinels[0].command("SENTINEL", "FAILOVER", Self.service)
            }
            let port = try? namedPort()
            new = port == before ? nil : servers.first { $0.port == port }
            return new != nil
        }
        guard let new else { throw RedisTestServerError("a planned failover did not come about") }
        return new
    }

    /// What a sentinel knows of the master.
    private static func picture(of sentinel: RedisTestServer) throws -> [String: String] {
        let words = try sentinel.words("SENTINEL", "MASTER", service)
        return Dictionary(
            stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) }, uniquingKeysWith: { $1 })
    }

    private static func server(of master: RedisTestServer?, _ password: String?) throws -> RedisTestServer {
        var options = RedisTestServer.Options()
        options.password = password
        options.configLines = ["repl-diskless-sync-delay 0", "repl-timeout 5"]
        if let master { options.configLines.append("replicaof 127.0.0.1 \(master.port ?? 0)") }
        if let password { options.configLines.append("masterauth \(password)") }
        return try RedisTestServer(options)
    }

    private static func sentinel(
        _ master: RedisTestServer, _ quorum: Int, _ password: String?, _ ownPassword: String?
    ) throws -> RedisTestServer {
        var options = RedisTestServer.Options()
        options.isSentinel = true
        options.password = ownPassword
        options.configLines = [
            "sentinel monitor \(service) 127.0.0.1 \(master.port ?? 0) \(quorum)",
            "sentinel down-after-milliseconds \(service) 500",
            "sentinel failover-timeout \(service) 3000",
        ]
        if let password { options.configLines.append("sentinel auth-pass \(service) \(password)") }
        if let ownPassword { options.configLines.append("sentinel sentinel-pass \(ownPassword)") }
        return try RedisTestServer(options)
    }

    private func awaitReplicas(_ count: Int) throws {
        for replica in servers.dropFirst() {
            try Polling.wait(for: "a replica's first copy") {
                try replica.command("INFO", "replication").contains("master_link_status:up")
            }
        }
    }

    private func awaitSentinels(_ replicas: Int) throws {
        for sentinel in sentinels {
            try Polling.wait(for: "a sentinel's picture") {
                let fields = try Self.picture(of: sentinel)
                return fields["num-slaves"] == "\(replicas)"
                    && fields["num-other-sentinels"] == "\(sentinels.count - 1)"
                    && fields["flags"] == "master"
            }
        }
    }
}
