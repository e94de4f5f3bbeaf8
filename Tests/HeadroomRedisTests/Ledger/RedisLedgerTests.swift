// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

@Suite("The ledger in Redis", .tags(.threads, .servers))
struct RedisLedgerTests {
    @Test("It keeps the contract, with the settings and the rights of the deployment", arguments: LedgerContract.cases)
    func contract(_ rule: LedgerContract.Case) async throws {
        let server = try DeployedRedis.shared.get()
        try await DeployedRedis.loadFunctions(at: server)
        let address = "redis://headroom-worker:change-me-worker@127.0.0.1:\(server.port ?? 0)"
        try await rule.check { clock in RedisLedger(try connection(address), clock: clock) }
    }

    @Test("Where functions may not be used, scripts keep the contract as well", arguments: LedgerContract.cases)
    func withoutFunctions(_ rule: LedgerContract.Case) async throws {
        let server = try DeployedRedis.withoutFunctions.get()
        let address = "redis://scripts:secret@127.0.0.1:\(server.port ?? 0)"
        try await rule.check { clock in RedisLedger(try connection(address), clock: clock) }
        #expect(try !ServerProgram.hasFunctions || server.command("FUNCTION", "LIST").hasPrefix("*0"))
    }

    @Test(
        "Functions are called if an operator has loaded them, scripts otherwise, and no worker loads any",
        .enabled(if: ServerProgram.hasFunctions))
    func functions() async throws {
        let server = try RedisTestServer()
        for isLoaded in [false, true] {
            let redis = try connection(server)
            if isLoaded { #expect(try await redis.loadLibrary(LedgerScript.library)) }
            try server.command("CONFIG", "RESETSTAT")
            let account = try Account(RedisLedger(redis), group: "loaded-\(isLoaded)")
            try await account.join()
            try await account.exchange { $0.settlements = [Settlement(tenant: nil, spent: 2)] }
            let budget = try #require(try await account.ledger.status(tenants: [], in: account.group)?.budgets.first)
            #expect(budget.limits.map(\.spent) == [0, 2, 2])
            let calls = try server.command("INFO", "commandstats")
            #expect(calls.contains("cmdstat_eval") == !isLoaded, "\(calls)")
            #expect(try server.command("FUNCTION", "LIST").hasPrefix(isLoaded ? "*1" : "*0"))
        }
    }

    @Test("An account that something else has written to is an error that says which key, and is not touched")
    func unreadable() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        let account = try Account(RedisLedger(redis))
        try await account.join()
        var cut = RedisCommand("HSET", "headroom:2:{test}", "group")
        cut.append([2, 2, 3] as [UInt8])
        _ = try await redis.send(cut)
        let error = await #expect(throws: LedgerError.self) { try await account.exchange { _ in } }
        #expect(error?.code == .unreadable)
        #expect(error?.message.contains("headroom:2:{test}") == true)
        #expect(try await redis.send(RedisCommand("HGET", "headroom:2:{test}", "group")) == .bulk([2, 2, 3]))
    }

    @Test("A wrong address is said by the one error, without its password")
    func wrongAddress() {
        let error = #expect(throws: RateLimitError.self) { try Ledger.redis("redis://user:secret@host:70000") }
        #expect(error?.code == .invalidAddress && error?.underlying is AddressError)
        #expect(error?.message.contains("70000") == true && error?.message.contains("secret") == false)
    }

    @Test("An operator may look at an account and hold it")
    func operatorsRights() async throws {
        let server = try DeployedRedis.start()
        let worker = try connection("redis://headroom-worker:change-me-worker@127.0.0.1:\(server.port ?? 0)")
        let account = try Account(RedisLedger(worker))
        try await account.join()
        let operators = RedisLedger(
            try connection("redis://headroom-operator:change-me-operator@127.0.0.1:\(server.port ?? 0)"))
        try await operators.hold(for: .seconds(60), in: account.group)
        let status = try #require(try await operators.status(tenants: [], in: account.group))
        #expect(status.instances.map(\.id) == [account.id.text])
        #expect(status.holdFor > .zero)
    }

    @Test("An account is one key, which has a time to live and the group's hash tag")
    func keys() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        let ledger = RedisLedger(redis)
        let account = try Account(ledger)
        try await account.join()
        try await account.exchange { request in
            request.settlements = [Settlement(tenant: Tenant("ab123"), spent: 5, accepted: 5)]
            request.wants = [Want(tenant: Tenant("ab123"), count: 3)]
        }
        try await Task.sleep(for: .milliseconds(300))
        try await account.exchange { $0.settlements = [Settlement(tenant: Tenant("ab123"), spent: 5, accepted: 5)] }
        guard case .array(let keys) = try await redis.send(RedisCommand("KEYS", "*")) else { throw Unexpected() }
        #expect(keys.count == 1)
        for case .bulk(let bytes) in keys {
            let key = String(decoding: bytes, as: UTF8.self)
            #expect(key == "headroom:2:{test}")
            guard case .integer(let lives) = try await redis.send(RedisCommand("PTTL", key)) else { throw Unexpected() }
            #expect(lives > 0, "\(key) lives for ever")
        }
    }

    @Test("Without an injected time, Redis' own clock decides")
    func clock() async throws {
        let server = try RedisTestServer()
        let account = try Account(RedisLedger(try connection(server)))
        try await account.join()
        let before = SystemClock.now()
        let now = try #require(try await account.ledger.status(tenants: [], in: account.group)).now.microseconds
        #expect(now >= before - 1_000_000 && now <= SystemClock.now() + 1_000_000)
    }

    @Test("An account of an unknown version is an error, and not touched")
    func unknownVersion() async throws {
        let server = try RedisTestServer()
        let redis = try connection(server)
        let account = try Account(RedisLedger(redis))
        let newer: [UInt8] = [3] + Array("what a later version keeps".utf8)
        var set = RedisCommand("HSET", "headroom:2:{test}", "group")
        set.append(newer)
        _ = try await redis.send(set)
        let error = await #expect(throws: LedgerError.self) { try await account.join() }
        #expect(error?.code == .unknownVersion)
        #expect(try await redis.send(RedisCommand("HGET", "headroom:2:{test}", "group")) == .bulk(newer))
    }

    @Test("A Redis that answers with an error did nothing, and says why", arguments: ["OOM", "READONLY"])
    func fails(word: String) async throws {
        let server = try RedisTestServer()
        let account = try Account(RedisLedger(try connection(server)))
        try await account.join()
        let request = ExchangeRequest(
            instance: account.id, epoch: 7, sequence: 2, settlements: [Settlement(tenant: nil, spent: 3)])
        if word == "OOM" {
            _ = try server.command("CONFIG", "SET", "maxmemory", "1")
        } else {
            _ = try server.command("REPLICAOF", "127.0.0.1", "1")
        }
        let error = await #expect(throws: LedgerError.self) {
            _ = try await account.ledger.exchange(request, in: account.group)
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains(word) == true)
        _ = try server.command("CONFIG", "SET", "maxmemory", "0")
        _ = try server.command("REPLICAOF", "NO", "ONE")
        // A connection that met the replica is given up; the same exchange is repeated until there is another.
        let isDone = await eventually {
            if case .done? = try? await account.ledger.exchange(request, in: account.group) { true } else { false }
        }
        #expect(isDone)
        let budget = try #require(try await account.ledger.status(tenants: [], in: account.group)?.budgets.first)
        #expect(budget.limits.map(\.spent) == [0, 3, 3])
    }

    @Test("A Redis that cannot be reached is an error that says so, without the password")
    func unreachable() async throws {
        let ledger = try RedisLedger("redis://user:s3cret@127.0.0.1:1/0", timeout: .milliseconds(200))
        let account = try Account(ledger)
        let error = await #expect(throws: LedgerError.self) { try await account.join() }
        #expect(error?.code == .unavailable)
        #expect(error?.description.contains("s3cret") == false)
    }
}

struct Unexpected: Error {}
