// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

/// Two servers that see the same operations at the same times; one of them sees failing ones as well.
final class Twins: Sendable {
    /// Why an operation on the one server fails.
    enum Fault: Sendable, Hashable, CustomStringConvertible {
        /// The worker's user may not call a command.
        case right(String)
        /// Redis is in a state in which it takes no writes, named by the error's first word.
        case server(String)
        /// Somebody has put something else into a key.
        case type(String)

        var description: String {
            switch self {
            case .right(let command): "no right to \(command)"
            case .server(let word): word
            case .type(let key): "another type in \(key)"
            }
        }
    }

    /// How an operation ended.
    enum Outcome: Sendable, Equatable {
        case answered(LedgerOperation.Answer)
        case failed(String)
    }

    static let serverFaults =
        ["OOM", "READONLY", "MISCONF"] + (ServerProgram.countsReplicasForScripts ? ["NOREPLICAS"] : [])

    let subject: RedisTestServer
    let twin: RedisTestServer
    let redis: RedisConnection
    let twinRedis: RedisConnection
    let group: BudgetGroup
    private let time = SettableTime()
    private let asFunctions: Bool
    private let healthy: RedisLedger
    private let untouched: RedisLedger
    private let lacking: [String: RedisLedger]

    /// - Parameter asFunctions: whether the scripts' library is loaded; else no user may use functions.
    init(commands: [String], asFunctions: Bool) async throws {
        (subject, twin) = (try RedisTestServer(), try RedisTestServer())
        (redis, twinRedis) = (try connection(subject), try connection(twin))
        group = try #require(BudgetGroup("test"))
        self.asFunctions = asFunctions
        let clock = { @Sendable [time] in time.now }
        for server in [subject, twin] {
            try Self.addUser(server, "healthy", lacking: nil, asFunctions)
            if asFunctions { try await Functions.load(server) }
        }
        healthy = RedisLedger(try Self.connect(subject, "healthy"), clock: clock)
        untouched = RedisLedger(try Self.connect(twin, "healthy"), clock: clock)
        var lacking: [String: RedisLedger] = [:]
        for command in commands {
            let user = "without-\(command.lowercased())"
            try Self.addUser(subject, user, lacking: command, asFunctions)
            let redis = try Self.connect(subject, user)
            // With a time that is given, no script asks for Redis' own.
            lacking[command] = command == "TIME" ? RedisLedger(redis) : RedisLedger(redis, clock: clock)
        }
        self.lacking = lacking
        try Self.failToSave(subject)
    }

    private static func connect(_ server: RedisTestServer, _ user: String) throws -> RedisConnection {
        try connection("redis://\(user):secret@127.0.0.1:\(server.port ?? 0)")
    }

    private static func addUser(
        _ server: RedisTestServer, _ name: String, lacking command: String?, _ asFunctions: Bool
    ) throws {
        let rules = (command.map { ["-\($0.lowercased())"] } ?? []) + (asFunctions ? [] : Functions.withheld)
        _ = try server.connect().send(["ACL", "SETUSER", name, "on", ">secret", "~*", "&*", "+@all"] + rules)
    }

    /// Lets a server's newest attempt to save its data fail, as there is a folder in the file's place; and go on.
    private static func failToSave(_ server: RedisTestServer) throws {
        try FileManager.default.createDirectory(
            atPath: server.folder + "/dump.rdb", withIntermediateDirectories: false)
        try server.command("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
        try server.command("CONFIG", "SET", "save", "3600 1000000")
        try server.command("BGSAVE")
        try Polling.wait(for: "a failed BGSAVE") {
            try server.command("INFO", "persistence").contains("rdb_last_bgsave_status:err")
        }
    }

    func advance(by span: Duration) { time.advance(by: span) }

    /// Does an operation on each of the servers; both must answer alike.
    func apply(_ operation: LedgerOperation) async throws -> (subject: LedgerOperation.Answer, LedgerOperation.Answer) {
        (try await operation.apply(to: healthy, in: group), try await operation.apply(to: untouched, in: group))
    }

    /// Does an operation on the one server while there is a fault, and ends the fault.
    func outcome(of operation: LedgerOperation, _ fault: Fault) async throws -> Outcome {
        switch fault {
        case .right(let command):
            guard let ledger = lacking[command] else { throw Unexpected() }
            return await attempt(operation, ledger)
        case .type(let key):
            try subject.command("DEL", key)
            try subject.command("SADD", key, "something else")
            return await attempt(operation, healthy)
        case .server(let word):
            try set(word, to: true)
            var outcome = await attempt(operation, healthy)
            // A connection that met a replica is given up; what is sent before there is another fails for that.
            while case .failed(let message) = outcome, !message.contains(word), word == "READONLY" {
                try await Task.sleep(for: .milliseconds(5))
                outcome = await attempt(operation, healthy)
            }
            try set(word, to: false)
            if word == "READONLY" { try #require(await eventually { await self.isConnected() }) }
            return outcome
        }
    }

    private func isConnected() async -> Bool {
        do {
            _ = try await healthy.status(tenants: [], in: BudgetGroup(clientID: "nobody"))
            return true
        } catch {
            return false
        }
    }

    private func set(_ word: String, to isFaulty: Bool) throws {
        switch word {
        case "OOM": try subject.command("CONFIG", "SET", "maxmemory", isFaulty ? "1" : "0")
        case "READONLY": try subject.command("REPLICAOF", isFaulty ? "127.0.0.1" : "NO", isFaulty ? "1" : "ONE")
        case "NOREPLICAS": try subject.command("CONFIG", "SET", "min-replicas-to-write", isFaulty ? "1" : "0")
        case "MISCONF":
            try subject.command("CONFIG", "SET", "stop-writes-on-bgsave-error", isFaulty ? "yes" : "no")
        default: throw Unexpected()
        }
    }

    private func attempt(_ operation: LedgerOperation, _ ledger: RedisLedger) async -> Outcome {
        do throws(LedgerError) {
            return .answered(try await operation.apply(to: ledger, in: group))
        } catch {
            return .failed(error.message)
        }
    }
}

/// The scripts as functions.
enum Functions {
    /// Whether they are used: both ways, or the one that the server has.
    static let choices = ServerProgram.hasFunctions ? [true, false] : [false]

    /// Rules for a user that may not use them.
    static let withheld = ServerProgram.hasFunctions ? ["-fcall", "-function"] : []

    /// Loads the library, as an operator does.
    static func load(_ server: RedisTestServer) async throws {
        _ = try await connection(server).loadLibrary(LedgerScript.library)
    }
}
