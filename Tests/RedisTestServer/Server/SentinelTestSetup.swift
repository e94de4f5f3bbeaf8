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
    ///   - options: what else the servers are to be like. Default: nothing.
    ///   - patience: how long a master may be away before another one is chosen. Milliseconds. Default 500.
    public init(
        replicas: Int = 2, sentinels: Int = 3, password: String? = nil, sentinelPassword: String? = nil,
        options: RedisTestServer.Options = .init(), patience: Int = 500
    ) throws {
        let master = try Self.server(options, of: nil, password)
        servers = [master] + (try (0..<replicas).map { _ in try Self.server(options, of: master, password) })
        let lines = [
            "sentinel monitor \(Self.service) 127.0.0.1 \(master.port ?? 0) \(sentinels / 2 + 1)",
            "sentinel down-after-milliseconds \(Self.service) \(patience)",
            "sentinel failover-timeout \(Self.service) 3000",
        ]
        self.sentinels = try (0..<sentinels).map { _ in try Self.sentinel(lines, password, sentinelPassword) }
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

    /// The server that the first sentinel takes for the master.
    public func master() throws -> RedisTestServer {
        let port = try namedPort()
        guard let server = servers.first(where: { $0.port == port }) else {
            throw RedisTestServerError("the sentinel names no server of ours")
        }
        return server
    }

    /// Makes another server the master while both are alive, as an operator would; returns it once the first sentinel
    /// names it. Both take writes until the sentinels have made a replica of the old one: what that took is then thrown
    /// away.
    public func beginFailOver() throws -> RedisTestServer {
        let before = try namedPort()
        try Polling.wait(for: "a new master") {
            // On a slow machine a sentinel may give up. As long as it is at it, its flags say so.
            let picture = try Self.picture(of: sentinels[0])
            if picture["flags"] == "master", picture["port"] == before.map(String.init) {
                try sentinels[0].command("SENTINEL", "FAILOVER", Self.service)
            }
            return try namedPort() != before
        }
        return try master()
    }

    /// The same, to its end.
    ///
    /// - Parameters:
    ///   - seconds: about how long it is to take until the old one is a replica. 1.5 is the least; with Sentinel's own
    ///     periods it would be 11.
    ///   - whileBoth: called when the new one is named, and the old one still is a master.
    public func failOver(within seconds: Double, whileBoth: () -> Void = {}) throws {
        let old = try master()
        // Seen on Redis 7: a second until the new one is named, and 4.3 periods until the old one is made its replica.
        let period = "\(max(100, Int((seconds - 1.1) / 4.3 * 1_000)))"
        _ = try sentinels[0].words("SENTINEL", "DEBUG", "INFO-PERIOD", period, "PUBLISH-PERIOD", period)
        _ = try beginFailOver()
        whileBoth()
        try Polling.wait(for: "the end of the old master") {
            try old.command("INFO", "replication").contains("master_link_status:up")
        }
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

    /// What a sentinel knows of the master.
    private static func picture(of sentinel: RedisTestServer) throws -> [String: String] {
        let words = try sentinel.words("SENTINEL", "MASTER", service)
        return Dictionary(
            stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) }, uniquingKeysWith: { $1 })
    }

    private static func server(
        _ common: RedisTestServer.Options, of master: RedisTestServer?, _ password: String?
    ) throws -> RedisTestServer {
        var options = common
        options.password = password
        options.configLines += ["repl-diskless-sync-delay 0", "repl-timeout 5"]
        if let master { options.configLines.append("replicaof 127.0.0.1 \(master.port ?? 0)") }
        if let password { options.configLines.append("masterauth \(password)") }
        return try RedisTestServer(options)
    }

    private static func sentinel(
        _ lines: [String], _ password: String?, _ ownPassword: String?
    ) throws -> RedisTestServer {
        var options = RedisTestServer.Options()
        options.isSentinel = true
        options.password = ownPassword
        options.configLines = lines
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
