// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@Suite("An account that is only looked at", .tags(.servers))
struct StatusReadingTests {
    private static let tenant = Tenant("ab123")

    /// An account with three calls spent, two of them a tenant's, and a permit outstanding.
    private func account(at server: RedisTestServer, login: String = "") async throws -> Account {
        let account = try Account(
            RedisLedger(try connection("redis://\(login)127.0.0.1:\(try #require(server.port))")))
        try await account.join()
        try await account.exchange { request in
            request.settlements = [
                Settlement(tenant: nil, spent: 1, accepted: 1),
                Settlement(tenant: Self.tenant, spent: 2, accepted: 2),
            ]
        }
        try await account.exchange { $0.wants = [Want(count: 1)] }
        return account
    }

    /// Looks at the account three times at an address; each time it has to be there as a whole, and nothing be written.
    private func look(at account: Account, _ address: String, countingWritesBy redis: AdminConnection) async throws {
        let ledger = RedisLedger(try connection(address))
        let before = try Self.writes(redis)
        for _ in 0..<3 {
            let tenants = [try #require(Self.tenant)]
            let status = try #require(try await ledger.status(tenants: tenants, in: account.group))
            #expect(status.instances.map(\.id) == [account.id.text] && status.instances.map(\.permits) == [1])
            #expect(status.budgets.map(\.outstanding) == [1, 0])
            #expect(status.spent() == 3 && status.spent(of: .tenant(tenants[0])) == 2)
            let all = try await ledger.account(of: account.group, tenants: .all)
            #expect(all?.tenants.keys.map(\.name) == tenants.map(\.name))
        }
        #expect(try Self.writes(redis) == before)
    }

    /// Counts the commands that wrote, of scripts too.
    private static func writes(_ redis: AdminConnection) throws -> [String] {
        let lines = try redis.send(["INFO", "commandstats"]) + redis.send(["INFO", "persistence"])
        return lines.split(separator: "\r\n").map(String.init).filter { line in
            line.hasPrefix("rdb_changes_since_last_save")
                || ["hset", "hdel", "pexpire", "eval", "evalsha", "fcall"].contains { line.hasPrefix("cmdstat_\($0):") }
        }
    }

    @Test("A user of the deployment who may only read sees all of it, and may not hold it")
    func viewer() async throws {
        let server = try DeployedRedis.start()
        let account = try await account(at: server, login: "headroom-worker:change-me-worker@")
        let viewer = "redis://headroom-viewer:change-me-viewer@127.0.0.1:\(server.port ?? 0)"
        let operators = try server.connect()
        _ = try operators.send(["AUTH", "headroom-operator", "change-me-operator"])
        try await look(at: account, viewer, countingWritesBy: operators)
        let error = await #expect(throws: LedgerError.self) {
            try await RedisLedger(try connection(viewer)).hold(for: nil, in: account.group)
        }
        #expect(error?.message.contains("lacks the right +evalsha;") == true, "\(String(describing: error))")
    }

    @Test("A replica answers, also when it has lost its master, and takes no exchange")
    func replica() async throws {
        var options = RedisTestServer.Options()
        options.configLines = ["repl-diskless-sync-delay 0"]
        let master = try RedisTestServer(options)
        options.configLines = ["replicaof 127.0.0.1 \(master.port ?? 0)"]
        let replica = try RedisTestServer(options)
        let account = try await account(at: master)
        try master.awaitReplicas(1, key: "probe")
        let stored = try await StoredKeys(try connection(master))
        #expect(!stored.keys.isEmpty)
        for isMasterThere in [true, false] {
            if !isMasterThere { master.kill() }
            try await look(at: account, replica.address, countingWritesBy: try replica.connect())
            let request = ExchangeRequest(instance: account.id, epoch: 7, sequence: 4)
            let error = await #expect(throws: LedgerError.self) {
                try await RedisLedger(try connection(replica)).exchange(request, in: account.group)
            }
            #expect(error?.message.contains("READONLY") == true, "\(String(describing: error))")
            #expect(try await StoredKeys(try connection(replica)) == stored)
        }
    }

    @Test("A server whose memory is full answers, and takes no exchange")
    func full() async throws {
        let server = try RedisTestServer()
        let account = try await account(at: server)
        try server.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
        try server.command("CONFIG", "SET", "maxmemory", "1")
        try await look(at: account, server.address, countingWritesBy: try server.connect())
        let error = await #expect(throws: LedgerError.self) {
            try await account.exchange { $0.settlements = [Settlement(tenant: nil, spent: 5)] }
        }
        #expect(error?.message.contains("OOM") == true, "\(String(describing: error))")
        try await look(at: account, server.address, countingWritesBy: try server.connect())
    }

    @Test(
        "A damaged part is an error that says what follows; a part that functions have in mind is not read at once",
        arguments: Functions.choices)
    func damaged(asFunctions: Bool) async throws {
        let server = try RedisTestServer()
        if asFunctions { try await Functions.load(server) }
        let account = try await account(at: server)
        let key = "headroom:2:{test}"
        try server.command("HSET", key, "seen", "something else")
        let stored = try await StoredKeys(try connection(server))
        let part = await error(of: account)
        #expect(
            part?.contains("a part of the account in \(key) is missing or cannot be read.") == true, "\(part ?? "")")
        #expect(part?.contains("first exchange that reads it begins the account anew") == true, "\(part ?? "")")
        #expect(try await StoredKeys(try connection(server)) == stored)
        if asFunctions {
            try await account.exchange { $0.wants = [Want(count: 1)] }
            #expect(await error(of: account) == part)
            #expect(part?.contains("delete \(key) to begin anew at once") == true, "\(part ?? "")")
            try server.command("DEL", key)
        }
        await #expect(throws: Unexpected.self) { try await account.exchange { _ in } }
        try await account.join()
        #expect(await error(of: account) == nil)
        try server.command("HSET", key, "group", "\u{2}something else")
        let group = await error(of: account)
        #expect(group?.contains("the account in \(key) is not what this library writes") == true, "\(group ?? "")")
        #expect(group?.contains("exchange") == false && group?.contains("Delete \(key)") == true, "\(group ?? "")")
    }

    /// The error that a look at the account gives. `nil` if there is none.
    private func error(of account: Account) async -> String? {
        do throws(LedgerError) {
            _ = try await account.ledger.status(tenants: [], in: account.group)
            return nil
        } catch {
            return error.message
        }
    }
}
