// SPDX-License-Identifier: Apache-2.0

import RedisTestServer

/// Too little memory in a Redis that somebody else uses as well, in another database and without a time to live.
struct MemoryPressure {
    /// Policies that evict an account although it is used all the time.
    static let policies = ["volatile-lru", "volatile-random", "allkeys-random"]

    private let connection: AdminConnection
    /// The keys of somebody else.
    private static let keys = 64
    /// What each of them has. Bytes.
    private static let size = 16 << 10
    /// By how much the memory is too little: more than one of these keys takes, and than an account does. Bytes.
    private static let lack = 64 << 10

    /// Begins it.
    init(_ server: RedisTestServer, _ policy: String) throws {
        connection = try server.connect()
        try connection.run("SELECT", "1")
        for key in 0..<Self.keys { try connection.run("SET", "other:\(key)", String(repeating: "x", count: Self.size)) }
        let most = Int(try connection.number("used_memory", in: "memory") ?? 0) - Self.lack
        try connection.run("CONFIG", "SET", "maxmemory-policy", policy, "maxmemory", "\(most)")
    }

    /// Ends it.
    func end() throws {
        try connection.run("CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "noeviction")
        try connection.run("FLUSHDB")
    }
}

extension AdminConnection {
    /// Sends a command that must not fail.
    func run(_ words: String...) throws { try run(words) }

    func run(_ words: [String]) throws {
        let answer = try send(words)
        guard answer.hasPrefix("-") else { return }
        throw SoakFailure("Redis answered \(words.joined(separator: " ").prefix(100)) with \(answer)")
    }

    /// A number of one of INFO's sections.
    func number(_ name: String, in section: String) throws -> Double? {
        let line = try send(["INFO", section]).split(separator: "\r\n").first { $0.hasPrefix(name + ":") }
        return line?.split(separator: ":").last.flatMap { Double($0) }
    }
}
