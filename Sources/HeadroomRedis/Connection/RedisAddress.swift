// SPDX-License-Identifier: Apache-2.0

/// Where a Redis is and how to log in there.
///
/// - `redis://[[user]:password@]host[:port][/database]`, the port 6379 and the database 0 unless named; `[::1]` for
///   IPv6. Where that is a node of a Redis Cluster, its redirections are followed.
/// - `unix://[[user]:password@]/path/to.sock[?db=database]`
/// - `redis+sentinel://[[user]:password@]host[:port][,host[:port]…]/service[/database]`: the hosts are sentinels, their
///   port 26379 unless named, and are asked for the service's master at every connection. User and password are those
///   of the master; what the sentinels themselves want is `?sentinel-user=…&sentinel-password=…`. One sentinel that can
///   be reached is enough: it names the others.
/// - `redis+cluster://[[user]:password@]host[:port][,host[:port]…]`: nodes of a Redis Cluster, any of them; one that
///   can be reached is enough.
/// - `host:port` or `host`
///
/// With TLS, the scheme is `rediss`, `rediss+sentinel` (the sentinels as well) or `rediss+cluster`, and the parameters
/// besides are `cacert=/path` (the trusted authorities' certificates, else the system's), `cert=/path&key=/path` (a
/// certificate of one's own) and `server-name=host` (what the server's certificate has to be for, else the host
/// connected to; it holds for all servers of the address). It needs the package's trait `TLS`.
///
/// User, password, service and parameters are percent-encoded. The description shows everything but passwords.
public struct RedisAddress: Sendable, Hashable, CustomStringConvertible {
    package enum Place: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
        case sentinel(SentinelService)
        case cluster([RedisEndpoint])
    }

    package let place: Place
    package let user: String?
    package let password: String?
    /// The number of the database, 0 unless named.
    public let database: Int
    /// How to encrypt; nil: not at all.
    package let tls: TLSSettings?

    /// The port of a Redis that was not told another.
    public static let defaultPort = 6379

    /// Reads an address.
    ///
    /// - Throws: ``RedisAddressError``, which names what is wrong and what would be right, and no password.
    public init(_ text: String) throws(RedisAddressError) {
        let parser = RedisAddressParser(text)
        self = try parser.parse()
    }

    package init(
        _ place: Place, user: String? = nil, password: String? = nil, database: Int = 0, tls: TLSSettings? = nil
    ) {
        (self.place, self.user, self.password, self.database) = (place, user, password, database)
        self.tls = tls
    }

    /// Another place with the same login, and as well encrypted.
    package func at(_ place: Place) -> RedisAddress {
        RedisAddress(place, user: user, password: password, database: database, tls: tls)
    }

    /// Host and port, or the path, or who is asked: for messages.
    package var endpoint: String { place.description }

    /// The address with `***` in place of each password.
    public var description: String {
        let login = password == nil ? "" : "\(user.map(PercentEncoding.encode) ?? ""):***@"
        let path = database == 0 ? "" : "/\(database)"
        let scheme = tls == nil ? "redis" : "rediss"
        return switch place {
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

extension RedisAddress.Place: CustomStringConvertible {
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
    public var debugDescription: String { description }
    /// Shows no password either.
    public var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
