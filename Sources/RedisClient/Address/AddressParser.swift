// SPDX-License-Identifier: Apache-2.0

/// A reader of the text of a ``RedisAddress``. What may be a password gets into no error.
struct AddressParser {
    private let text: String
    private let scheme: String?
    let wantsTLS: Bool
    private let kind: String?
    let rest: Substring

    init(_ text: String) {
        self.text = text
        if let separator = text.firstRange(of: "://") {
            scheme = text[..<separator.lowerBound].lowercased()
            rest = text[separator.upperBound...]
        } else {
            (scheme, rest) = (nil, text[...])
        }
        (kind, wantsTLS) = Self.separate(scheme)
    }

    func parse() throws(AddressError) -> RedisAddress {
        guard !text.isEmpty else { throw error(.empty, "use redis://host:port or unix:///path/to.sock") }
        if wantsTLS { try requireTLS() }
        switch kind {
        case nil, "redis": return try tcp()
        case "unix",
            "redis+unix" where !wantsTLS,
            "redis+socket" where !wantsTLS:
            return try unix()
        case "redis+sentinel", "redis-sentinel", "sentinel": return try sentinel()
        case "redis+cluster", "redis-cluster", "cluster": return try cluster()
        default:
            throw error(
                .unknownScheme,
                "use redis://host:port, redis+sentinel://, redis+cluster:// (valkey… is the same, with TLS rediss… "
                    + "or valkeys…) or unix:///path/to.sock")
        }
    }

    // MARK: The two kinds

    private func tcp() throws(AddressError) -> RedisAddress {
        // The last @: a password with an unencoded one is still understood, and never taken for a host.
        let (login, location) = Self.split(rest, last: "@")
        let (user, password) = try credentials(login)
        let (path, parameters) = Self.split(location, first: "?")
        let (query, tls) = try takeTLS(parameters)
        let (authority, name) = Self.split(path, first: "/")
        let server = try endpoint(authority, defaultPort: RedisAddress.defaultPort)
        return RedisAddress(
            .tcp(host: server.host, port: server.port), user: user, password: password,
            database: try database(name, query), tls: tls)
    }

    private func unix() throws(AddressError) -> RedisAddress {
        let (location, query) = Self.split(rest, first: "?")
        let slash = location.firstIndex(of: "/") ?? location.endIndex
        let (login, host) = Self.split(location[..<slash], last: "@")
        guard host.isEmpty else {
            throw error(.path, "a socket file has no host and an absolute path; use unix:///path/to.sock")
        }
        let (user, password) = try credentials(login)
        guard let path = PercentEncoding.decode(location[slash...]), path.utf8.count > 1, !path.utf8.contains(0) else {
            throw error(.path, "the path of the socket file is missing or malformed; use unix:///path/to.sock")
        }
        guard path.utf8.count <= Self.longestPath else {
            throw error(.path, "the path has \(path.utf8.count) bytes, and the system takes \(Self.longestPath)")
        }
        return RedisAddress(
            .unix(path: path), user: user, password: password, database: try database(nil, query))
    }

    // The smallest of the systems' limits, less the NUL at the end.
    private static let longestPath = 103

    // MARK: Parts

    func credentials(_ login: Substring?) throws(AddressError) -> (user: String?, password: String?) {
        guard let login else { return (nil, nil) }
        let parts = login.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else {
            throw error(.credentials, "what stands before @ has no password; use user:password@ or :password@")
        }
        guard let user = PercentEncoding.decode(parts[0]), let password = PercentEncoding.decode(parts[1]) else {
            throw error(.credentials, "a % in user or password begins two hexadecimal digits; write %25 for a %")
        }
        return (user.isEmpty ? nil : user, password)
    }

    func endpoint(_ authority: Substring, defaultPort: Int) throws(AddressError) -> RedisEndpoint {
        let (host, digits) = try separate(authority)
        guard !host.isEmpty, host.utf8.allSatisfy(RedisEndpoint.isOfHost) else {
            throw error(.host, "the host is missing or malformed; use redis://host:port, and [brackets] for IPv6")
        }
        guard let digits else { return RedisEndpoint(host: String(host), port: defaultPort) }
        guard let port = Self.number(digits), RedisEndpoint.isPort(port) else {
            throw error(.port, "the port is a number from 1 to 65535; a password is followed by @host")
        }
        return RedisEndpoint(host: String(host), port: port)
    }

    private func separate(_ authority: Substring) throws(AddressError) -> (Substring, Substring?) {
        guard authority.first == "[" else { return Self.split(authority, first: ":") }
        guard let end = authority.firstIndex(of: "]") else {
            throw error(.host, "the closing bracket is missing; use redis://[::1]:6379")
        }
        let host = authority[authority.index(after: authority.startIndex)..<end]
        let tail = authority[authority.index(after: end)...]
        guard host.utf8.contains(UInt8(ascii: ":")), tail.isEmpty || tail.first == ":" else {
            throw error(.host, "brackets hold an IPv6 address; use redis://[::1]:6379")
        }
        return (host, tail.isEmpty ? nil : tail.dropFirst())
    }

    private func database(_ path: Substring?, _ query: Substring?) throws(AddressError) -> Int {
        var named = path.flatMap { $0.isEmpty ? nil : $0 }
        if let query, !query.isEmpty {
            guard query.hasPrefix("db="), named == nil else {
                throw error(
                    .query, "\(parameterNames("db")), and the database is named once: /database or ?db=database")
            }
            named = query.dropFirst(3)
        }
        return try named.map(databaseNumber) ?? 0
    }

    func databaseNumber(_ digits: Substring) throws(AddressError) -> Int {
        guard let number = Self.number(digits), number <= Int(Int32.max) else {
            throw error(.database, "the database is a whole number from 0; use redis://host:port/0")
        }
        return number
    }

    // MARK: Helpers

    private static func number(_ digits: Substring) -> Int? {
        let isPlain = !digits.isEmpty && digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isPlain ? Int(digits) : nil
    }

    static func split(_ text: Substring, first separator: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    static func split(_ text: Substring, last separator: Character) -> (Substring?, Substring) {
        guard let index = text.lastIndex(of: separator) else { return (nil, text) }
        return (text[..<index], text[text.index(after: index)...])
    }

    func error(_ reason: AddressError.Reason, _ advice: String) -> AddressError {
        AddressError(reason, redacted, advice)
    }

    // Nothing is shown that could be a password whose @ was forgotten, or that stands where none belongs.
    private var redacted: String {
        let prefix = scheme.map { scheme in
            scheme.utf8.count <= 20 && scheme.utf8.allSatisfy(Self.isOfScheme) ? "\(scheme)://" : "***://"
        }
        let (login, location) = Self.split(rest, last: "@")
        // An @ behind a ? may stand in a parameter's password: then the location is the rest of that.
        let isSure = login.map { !$0.contains("?") } ?? true
        let shown = isSure && Self.isHarmless(location) ? String(location) : "***"
        return (prefix ?? "") + (login == nil ? "" : "***@") + shown
    }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }

    /// `host`, `host:digits`, several with commas between, with `/digits`: a form that leaves no place for a password.
    private static func isHarmless(_ location: Substring) -> Bool {
        let (authorities, path) = split(location, first: "/")
        let servers = authorities.split(separator: ",", omittingEmptySubsequences: false)
        guard servers.allSatisfy(isHarmlessServer) else { return false }
        return path.map { $0.isEmpty || ($0.count <= 6 && number($0) != nil) } ?? true
    }

    private static func isHarmlessServer(_ server: Substring) -> Bool {
        let (host, port) = split(server, first: ":")
        guard host.utf8.allSatisfy({ RedisEndpoint.isOfHost($0) && $0 != UInt8(ascii: "%") }), !host.isEmpty else {
            return false
        }
        return port.map { $0.count <= 5 && number($0) != nil } ?? true
    }
}
