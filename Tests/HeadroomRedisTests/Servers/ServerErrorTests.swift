// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@testable import HeadroomRedis

/// Errors that Redis answers with: each is made for real, ends as "unavailable, nothing was done" with what
/// to do, and heals.
@Suite("When Redis answers with an error", .tags(.threads, .servers), .serialized)
struct ServerErrorTests {
    private struct Fault {
        let server: RedisTestServer
        let account: Account

        init(_ change: (inout RedisTestServer.Options) -> Void = { _ in }) async throws {
            var options = RedisTestServer.Options()
            change(&options)
            server = try RedisTestServer(options)
            account = try Account(RedisLedger(try connection(server)))
            try await account.join()
        }

        var request: ExchangeRequest {
            let calls = Settlement(tenant: nil, spent: 3, accepted: 3)
            return ExchangeRequest(instance: account.id, epoch: 7, sequence: 2, settlements: [calls])
        }

        /// Exchanges until the answer is an error of this kind, which says that nothing was done and what to do.
        func serverError(
            _ word: String, _ advice: String, as code: LedgerError.Code = .unavailable
        ) async -> LedgerError? {
            var error: LedgerError?
            let isExpected = await eventually {
                error = await ledgerFailure { _ = try await account.ledger.exchange(request, in: account.group) }
                return error?.message.contains(word) == true
            }
            #expect(isExpected, "\(String(describing: error))")
            #expect(error?.code == code)
            #expect(error?.message.contains(advice) == true, "\(String(describing: error))")
            // Where in a script it failed is nothing for an operator.
            #expect(error?.message.contains("user_script") == false, "\(String(describing: error))")
            return error
        }

        /// Repeats the exchange until it is answered: its calls count once.
        func heals() async throws {
            let isAnswered = await eventually {
                if case .done? = try? await account.ledger.exchange(request, in: account.group) { true } else { false }
            }
            #expect(isAnswered)
            let limits = try #require(try await account.ledger.status(tenants: [], in: account.group)?.budgets.first)
                .limits
            #expect(limits.map(\.spent) == [0, 3, 3])
        }
    }

    @Test("READONLY: the address leads to a replica")
    func readOnly() async throws {
        let fault = try await Fault()
        try fault.server.command("REPLICAOF", "127.0.0.1", "1")
        _ = await fault.serverError("READONLY", "use the master's, redis+sentinel:// or redis+cluster://")
        try fault.server.command("REPLICAOF", "NO", "ONE")
        try await fault.heals()
    }

    @Test("MASTERDOWN: the replica has lost its master")
    func masterDown() async throws {
        let fault = try await Fault()
        // A function that writes gets another error first; a script is not looked into.
        try fault.server.command("ACL", "SETUSER", "default", "-fcall")
        try fault.server.command("CONFIG", "SET", "replica-serve-stale-data", "no")
        try fault.server.command("REPLICAOF", "127.0.0.1", "1")
        _ = await fault.serverError("MASTERDOWN", "leads to a replica that lost its master")
        try fault.server.command("REPLICAOF", "NO", "ONE")
        try await fault.heals()
    }

    @Test("LOADING: the server reads its data")
    func loading() async throws {
        let fault = try await Fault {
            $0.configLines = ["rdbcompression no"]
            // Redis 6 has DEBUG without it.
            if ServerProgram.hasFunctions { $0.configLines.append("enable-debug-command yes") }
        }
        // While it loads it looks at its clients every two megabytes.
        for number in 0..<200 { try fault.server.command("SET", "k\(number)", String(repeating: "v", count: 100_000)) }
        try fault.server.command("CONFIG", "SET", "key-load-delay", "5000")
        // About a second; its own answer is not waited for.
        let reload = Task.detached { [server = fault.server] in _ = try? server.command("DEBUG", "RELOAD") }
        _ = await fault.serverError("LOADING", "reads its data")
        await reload.value
        try fault.server.command("CONFIG", "SET", "key-load-delay", "0")
        try await fault.heals()
    }

    @Test("BUSY: someone's script does not end")
    func busy() async throws {
        let fault = try await Fault { $0.configLines = ["lua-time-limit 20"] }
        let script = Task.detached { [server = fault.server] in
            _ = try? server.command("EVAL", "while true do end", "0")
        }
        _ = await fault.serverError("BUSY", "SCRIPT KILL or FUNCTION KILL ends it")
        try fault.server.command("SCRIPT", "KILL")
        await script.value
        try await fault.heals()
    }

    @Test("OOM: the memory is used up")
    func outOfMemory() async throws {
        let fault = try await Fault()
        try fault.server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
        try fault.server.command("SET", "large", String(repeating: "x", count: 1 << 20))
        try fault.server.command("CONFIG", "SET", "maxmemory", "1mb")
        _ = await fault.serverError("OOM", "raise its maxmemory")
        try fault.server.command("CONFIG", "SET", "maxmemory", "0")
        try await fault.heals()
    }

    @Test("MISCONF: the server cannot save")
    func misconfigured() async throws {
        let fault = try await Fault { $0.configLines = ["save 3600 1"] }
        try FileManager.default.removeItem(atPath: fault.server.folder)
        try fault.server.command("BGSAVE")
        #expect(
            await eventually {
                (try? fault.server.command("INFO", "persistence").contains("rdb_last_bgsave_status:err")) == true
            })
        _ = await fault.serverError("MISCONF", "its log says why")
        try fault.server.command("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
        try await fault.heals()
    }

    @Test("NOREPLICAS: too few replicas to write", .enabled(if: ServerProgram.countsReplicasForScripts))
    func noReplicas() async throws {
        let fault = try await Fault()
        try fault.server.command("CONFIG", "SET", "min-replicas-to-write", "1")
        _ = await fault.serverError("NOREPLICAS", "min-replicas-to-write")
        try fault.server.command("CONFIG", "SET", "min-replicas-to-write", "0")
        try await fault.heals()
    }

    @Test("A password that is changed under way: an error without it, and let in once it is right again")
    func wrongPassword() async throws {
        let fault = try await Fault { $0.password = "s3cret" }
        let admin = try fault.server.connect()
        _ = try admin.send(["ACL", "SETUSER", "default", "<s3cret", ">other"])
        _ = try admin.send(["CLIENT", "KILL", "TYPE", "normal"])
        let error = await fault.serverError("does not accept the password of the default user", "WRONGPASS")
        #expect(error?.message.contains("s3cret") == false)
        _ = try admin.send(["ACL", "SETUSER", "default", ">s3cret"])
        try await fault.heals()
    }

    @Test("A user that may not run scripts gets that as an error")
    func noPermission() async throws {
        let fault = try await Fault()
        try fault.server.command("ACL", "SETUSER", "default", "-@scripting")
        _ = await fault.serverError("NOPERM", "users.acl")
        try fault.server.command("ACL", "SETUSER", "default", "+@scripting")
        try await fault.heals()
    }

    @Test("A user that may not call a command of a script gets that as an error", arguments: ["hmget", "hset"])
    func noCommand(command: String) async throws {
        let fault = try await Fault()
        try fault.server.command("ACL", "SETUSER", "default", "-\(command)")
        _ = await fault.serverError("may not call \(command.uppercased());", "give it +\(command),", as: .missingRights)
        try fault.server.command("ACL", "SETUSER", "default", "+@all")
        try await fault.heals()
    }

    @Test(
        "No room for another client: an error that says so, with and without a password in the address",
        arguments: [nil, "s3cret"])
    func noRoom(password: String?) async throws {
        let fault = try await Fault { $0.password = password }
        let admin = try fault.server.connect()
        _ = try admin.send(["CONFIG", "SET", "maxclients", "1"])
        _ = try admin.send(["CLIENT", "KILL", "TYPE", "normal"])
        _ = await fault.serverError("max number of clients reached", "took no connection")
        _ = try admin.send(["CONFIG", "SET", "maxclients", "100"])
        try await fault.heals()
    }
}

/// The error that the body throws as a ledger; nil where it throws none.
private func ledgerFailure(_ body: () async throws -> Void) async -> LedgerError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? LedgerError
    }
}
