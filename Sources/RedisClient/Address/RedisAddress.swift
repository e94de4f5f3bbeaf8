// SPDX-License-Identifier: Apache-2.0

/// The address of a Redis: where it is, and how to log in there.
///
/// - `redis://[[user]:password@]host[:port][/database]`, the port 6379 and the database 0 unless named; `[::1]` for
///   IPv6. If that is a node of a Redis Cluster, its redirections are followed.
/// - `unix://[[user]:password@]/path/to.sock[?db=database]`
/// - `redis+sentinel://[[user]:password@]host[:port][,host[:port]…]/service[/database]`: the hosts are sentinels, their
///   port 26379 unless named, and are asked for the service's master at every connection. User and password are those
///   of the master; what the sentinels themselves want is `?sentinel-user=…&sentinel-password=…`. One sentinel that can
///   be reached is enough: it names the others.
/// - `redis+cluster://[[user]:password@]host[:port][,host[:port]…]`: nodes of a Redis Cluster, any of them; one that
///   can be reached is enough.
/// - `host:port` or `host`
///
/// `valkey` means the same as `redis` in each of these schemes, and `valkeys` the same as `rediss`.
///
/// With TLS, the scheme is `rediss`, `rediss+sentinel` (the sentinels as well) or `rediss+cluster`, and the parameters
/// besides are `cacert=/path` (the trusted authorities' certificates, else the system's), `cert=/path&key=/path` (a
/// certificate of one's own) and `server-name=host` (what the server's certificate has to be for, else the host
/// connected to; it holds for all servers of the address). It needs the package's trait `TLS`.
///
/// User, password, service and parameters are percent-encoded. The description shows everything but passwords.
package struct RedisAddress: Sendable, Hashable, CustomStringConvertible {
    package enum Target: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
        case sentinel(SentinelService)
        case cluster([RedisEndpoint])
    }

    package let target: Target
    package let user: String?
    package let password: String?
    /// The number of the database, 0 unless named.
    package let database: Int
    /// The settings of TLS. `nil` if nothing is encrypted.
    package let tls: TLSSettings?

    /// The port of a server, unless the address names another.
    package static let defaultPort = 6379

    /// Reads an address.
    ///
    /// - Throws: ``AddressError``, which names what is wrong and what would be right, and no password.
    package init(_ text: String) throws(AddressError) {
        let parser = AddressParser(text)
        self = try parser.parse()
    }

    package init(
        _ target: Target, user: String? = nil, password: String? = nil, database: Int = 0, tls: TLSSettings? = nil
    ) {
        (self.target, self.user, self.password, self.database) = (target, user, password, database)
        self.tls = tls
    }

    /// The address of another target with the same login and the same TLS.
    package func at(_ target: Target) -> RedisAddress {
        RedisAddress(target, user: user, password: password, database: database, tls: tls)
    }

    /// Host and port, or the path, or the servers that are asked: for messages.
    package var endpoint: String { target.description }

    /// The address with `***` in place of each password.
    package var description: String {
        let login = password == nil ? "" : "\(user.map(PercentEncoding.encode) ?? ""):***@"
        let path = database == 0 ? "" : "/\(database)"
        let scheme = tls == nil ? "redis" : "rediss"
        return switch target {
        case .tcp: "\(scheme)://\(login)\(endpoint)\(path)\(query(nil))"
        case .unix: "unix://\(login)\(endpoint)" + (database == 0 ? "" : "?db=\(database)")
        case .cluster(let nodes): "\(scheme)+cluster://\(login)\(Self.list(nodes))\(query(nil))"
        case .sentinel(let service):
            "\(scheme)+sentinel://\(login)\(Self.list(service.sentinels))/\(PercentEncoding.encode(service.name))\(path)"
                + query(service)
        }
    }

    fileprivate static func list(_ endpoints: [RedisEndpoint]) -> String {
        endpoints.map(\.description).joined(separator: ",")
    }

    private func query(_ service: SentinelService?) -> String {
        var parameters = (tls?.parameters ?? []).map { "\($0.name)=\(PercentEncoding.encode($0.value))" }
        if let service, service.password != nil {
            if let user = service.user { parameters.append("sentinel-user=\(PercentEncoding.encode(user))") }
            parameters.append("sentinel-password=***")
        }
        return parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&")
    }
}

extension RedisAddress.Target: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let host, let port): RedisEndpoint(host: host, port: port).description
        case .unix(let path): path
        case .sentinel(let service):
            "the master of '\(service.name)' (sentinels \(RedisAddress.list(service.sentinels)))"
        case .cluster(let nodes): "the cluster of \(RedisAddress.list(nodes))"
        }
    }
}

extension RedisAddress: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { description }
    /// Shows no password either.
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}

/// A master that sentinels watch over: its name there, and how to ask them.
package struct SentinelService: Sendable, Hashable {
    package let name: String
    /// In the order in which they are asked first.
    package let sentinels: [RedisEndpoint]
    /// How to log in at the sentinels, which have users of their own.
    package let user: String?
    package let password: String?

    package init(_ name: String, sentinels: [RedisEndpoint], user: String? = nil, password: String? = nil) {
        (self.name, self.sentinels, self.user, self.password) = (name, sentinels, user, password)
    }

    /// The port of a sentinel, unless the address names another.
    package static let defaultPort = 26_379
}

extension RedisAddress.Target {
    /// A node of a cluster.
    init(_ endpoint: RedisEndpoint) { self = .tcp(host: endpoint.host, port: endpoint.port) }

    /// The host that an answer from there means if it names none; this machine for a socket file.
    var host: String {
        if case .tcp(let host, _) = self { host } else { "127.0.0.1" }
    }

    /// The nodes of a cluster's address; the target itself otherwise.
    var seeds: [RedisAddress.Target] {
        if case .cluster(let nodes) = self { nodes.map(Self.init) } else { [self] }
    }
}
