// SPDX-License-Identifier: Apache-2.0

/// The commands that a new connection sends before any of a user's, and the judgement of their answers. A pure value.
struct Handshake: Dialogue {
    private enum Step {
        case login, database, name, role, ping
    }

    private let address: RedisAddress
    private let advice: String
    private var steps: [Step] = []
    private(set) var bytes: [UInt8] = []

    /// - Parameters:
    ///   - isNamedMaster: Whether the server was named as a master by others, and has to be one.
    ///   - advice: What to do if the server wants a password and the address has none.
    init(
        _ address: RedisAddress, clientName: String?, isNamedMaster: Bool = false,
        advice: String = "use redis://user:password@host:port"
    ) {
        (self.address, self.advice) = (address, advice)
        if let password = address.password {
            // Without a user the old form, which a Redis before 6 knows as well.
            if let user = address.user {
                append(.login, RedisCommand("AUTH", user, password))
            } else {
                append(.login, RedisCommand("AUTH", password))
            }
        }
        if address.database != 0 { append(.database, RedisCommand("SELECT", String(address.database))) }
        if let clientName { append(.name, RedisCommand("CLIENT", "SETNAME", Self.allowed(clientName))) }
        if isNamedMaster { append(.role, RedisCommand("ROLE")) }
        // Always: a server that accepts connections and answers nothing is of no use.
        append(.ping, RedisCommand("PING"))
    }

    private mutating func append(_ step: Step, _ command: RedisCommand) {
        steps.append(step)
        command.encode(into: &bytes)
    }

    var count: Int { steps.count }

    func judge(_ position: Int, _ answer: RedisValue) throws(RedisError) -> String? {
        guard case .error(let text) = answer else {
            try check(answer, of: steps[position])
            return nil
        }
        if let reason = Self.closedDoor(text) {
            throw RedisError(.unavailable, "\(address.endpoint) took no connection: \(reason)")
        }
        let kind = ServerError(text).shownKind
        if kind == "NOAUTH" { throw RedisError(.authentication, loginMissing) }
        switch steps[position] {
        case .login: throw RedisError(.authentication, loginError(text))
        case .database: throw RedisError(.serverError, databaseError(text))
        case .name: return "Redis did not take the client name (\(kind))"
        case .role: return "Redis did not say whether it is a master (\(kind))"
        case .ping: return "Redis answered a ping with an error (\(kind))"
        }
    }

    // Here and below never Redis' own text: it may repeat what was sent, and with it the password.

    /// The reason, if the error is one that any command gets before the connection is closed: there is no room, or not
    /// for clients from here. `nil` for other errors.
    private static func closedDoor(_ text: String) -> String? {
        if text.hasPrefix("ERR max number of clients") { return "max number of clients reached (maxclients)" }
        guard text.hasPrefix("DENIED ") else { return nil }
        return "it is in protected mode, for its own host only; give it a password"
    }

    private func check(_ answer: RedisValue, of step: Step) throws(RedisError) {
        if step == .role { return try checkRole(answer) }
        guard ExpectedAnswer.status.fits(answer) else {
            throw RedisError(.protocolViolation, "\(address.endpoint) does not answer a login as Redis does")
        }
    }

    private func checkRole(_ answer: RedisValue) throws(RedisError) {
        guard case .array(let parts) = answer, parts.first?.text == "master" else {
            throw RedisError(.unavailable, "\(address.endpoint) was named as a master and is none")
        }
    }

    private var loginMissing: String {
        "\(address.endpoint) wants a password, and the address has none; \(advice)"
    }

    private func databaseError(_ text: String) -> String {
        let reason = ["is out of range", "SELECT is not allowed in cluster mode"].first(where: text.contains)
        let shown = reason ?? ServerError(text).shownKind
        return "database \(address.database) of \(address.endpoint) cannot be used: \(shown)"
    }

    private func loginError(_ text: String) -> String {
        let user = address.user.map { "user '\($0)'" } ?? "the default user"
        if text.contains("without any password configured") {
            return "\(address.endpoint) has no password for \(user); leave it out of the address"
        }
        return "\(address.endpoint) does not accept the password of \(user) (\(ServerError(text).shownKind))"
    }

    private static func allowed(_ name: String) -> String {
        String(decoding: name.utf8.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
    }
}

/// Commands that are sent in one piece on a new connection, before any of a user's, and the judgement of their answers.
protocol Dialogue {
    /// The commands.
    var bytes: [UInt8] { get }
    /// How many answers are awaited.
    var count: Int { get }

    /// Judges the answer at a position. Returns a text for the log if Redis answered with an error that does not
    /// matter. `nil` otherwise.
    mutating func judge(_ position: Int, _ answer: RedisValue) throws(RedisError) -> String?
}
