// SPDX-License-Identifier: Apache-2.0

// Addresses that name several servers: sentinels, or nodes of a cluster.
extension AddressParser {
    func sentinel() throws(AddressError) -> RedisAddress {
        let (login, location) = try loginAndLocation()
        let (user, password) = try credentials(login)
        let (path, parameterTexts) = Self.split(location, first: "?")
        let (query, tls) = try takeTLS(parameterTexts)
        let (authorities, names) = Self.split(path, first: "/")
        let (name, digits) = Self.split(names ?? "", first: "/")
        guard let name = PercentEncoding.decode(name), !name.isEmpty, !name.utf8.contains(where: { $0 <= 0x20 }) else {
            throw error(.service, "the service's name is missing; use redis+sentinel://host:26379,host:26379/service")
        }
        let parameters = try SentinelParameters(query, self)
        let named = digits.flatMap { $0.isEmpty ? nil : $0 }
        guard named == nil || parameters.database == nil else {
            throw error(.query, "the database is named once: service/database or ?db=database")
        }
        let number = named ?? parameters.database
        let service = SentinelService(
            name, sentinels: try endpoints(authorities, defaultPort: SentinelService.defaultPort),
            user: parameters.user, password: parameters.password)
        return RedisAddress(
            .sentinel(service), user: user, password: password,
            database: try number.map { digits throws(AddressError) in try databaseNumber(digits) } ?? 0,
            tls: tls)
    }

    func cluster() throws(AddressError) -> RedisAddress {
        let (login, location) = try loginAndLocation()
        let (user, password) = try credentials(login)
        let (path, parameters) = Self.split(location, first: "?")
        let (query, tls) = try takeTLS(parameters)
        guard query?.isEmpty ?? true else { throw error(.query, parameterNames("none")) }
        let (authorities, database) = Self.split(path, first: "/")
        guard database.map({ $0.isEmpty || $0 == "0" }) ?? true else {
            throw error(.database, "a cluster has the database 0 only; use redis+cluster://host:port,host:port")
        }
        let nodes = try endpoints(authorities, defaultPort: RedisAddress.defaultPort)
        return RedisAddress(.cluster(nodes), user: user, password: password, tls: tls)
    }

    private func loginAndLocation() throws(AddressError) -> (login: Substring?, location: Substring) {
        let (login, location) = Self.split(rest, last: "@")
        guard login.map({ !$0.contains("?") }) ?? true else {
            throw error(.query, "an @ or ? in a password is written %40 or %3F")
        }
        return (login, location)
    }

    /// At most this many servers in one address.
    private static let mostEndpoints = 32

    private func endpoints(
        _ authorities: Substring, defaultPort: Int
    ) throws(AddressError) -> [RedisEndpoint] {
        var endpoints: [RedisEndpoint] = []
        for authority in authorities.split(separator: ",", omittingEmptySubsequences: false) {
            let next = try endpoint(authority, defaultPort: defaultPort)
            if !endpoints.contains(next) { endpoints.append(next) }
        }
        guard endpoints.count <= Self.mostEndpoints else {
            throw error(.host, "\(endpoints.count) hosts are named; \(Self.mostEndpoints) are the most")
        }
        return endpoints
    }
}

/// What follows the `?` of a sentinel address.
private struct SentinelParameters {
    private(set) var user: String?
    private(set) var password: String?
    private(set) var database: Substring?

    init(_ query: Substring?, _ parser: AddressParser) throws(AddressError) {
        for parameter in (query ?? "").split(separator: "&") { try take(parameter, parser) }
        guard user == nil || password != nil else {
            throw parser.error(.credentials, "sentinel-user needs sentinel-password as well")
        }
    }

    private mutating func take(_ parameter: Substring, _ parser: AddressParser) throws(AddressError) {
        let (name, value) = AddressParser.split(parameter, first: "=")
        guard let value, let text = PercentEncoding.decode(value), !text.isEmpty else {
            throw parser.error(.query, "a parameter is name=value; in values, write %25 for a % and %26 for a &")
        }
        switch name {
        case "sentinel-user" where user == nil: user = text
        case "sentinel-password" where password == nil: password = text
        case "db" where database == nil: database = value
        default:
            throw parser.error(.query, parser.parameterNames("sentinel-user, sentinel-password and db, each once"))
        }
    }
}
