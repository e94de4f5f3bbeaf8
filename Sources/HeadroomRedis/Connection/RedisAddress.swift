// SPDX-License-Identifier: Apache-2.0

/// Where a Redis is and how to log in there.
///
/// - `redis://[[user]:password@]host[:port][/database]`, the port 6379 and the database 0 unless named; `[::1]` for IPv6
/// - `unix://[[user]:password@]/path/to.sock[?db=database]`
/// - `host:port` or `host`
///
/// User and password are percent-encoded. The description shows everything but the password.
public struct RedisAddress: Sendable, Hashable, CustomStringConvertible {
    package enum Place: Sendable, Hashable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    package let place: Place
    package let user: String?
    package let password: String?
    /// The number of the database, 0 unless named.
    public let database: Int

    /// The port of a Redis that was not told another.
    public static let defaultPort = 6379

    /// Reads an address.
    ///
    /// - Throws: ``RedisAddressError``, which names what is wrong and what would be right, and no password.
    public init(_ text: String) throws(RedisAddressError) {
        let parser = RedisAddressParser(text)
        self = try parser.parse()
    }

    package init(_ place: Place, user: String? = nil, password: String? = nil, database: Int = 0) {
        (self.place, self.user, self.password, self.database) = (place, user, password, database)
    }

    /// Host and port, or the path: for messages.
    package var endpoint: String {
        switch place {
        case .tcp(let host, let port): host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }

    /// The address with `***` in place of the password.
    public var description: String {
        let login = password == nil ? "" : "\(user.map(PercentEncoding.encode) ?? ""):***@"
        return switch place {
        case .tcp: "redis://\(login)\(endpoint)" + (database == 0 ? "" : "/\(database)")
        case .unix: "unix://\(login)\(endpoint)" + (database == 0 ? "" : "?db=\(database)")
        }
    }
}

extension RedisAddress: CustomDebugStringConvertible, CustomReflectable {
    public var debugDescription: String { description }
    /// Shows no password either.
    public var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
