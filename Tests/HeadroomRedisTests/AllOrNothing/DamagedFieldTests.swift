// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

/// Somebody has changed a field of an account, and not the whole.
@Suite(
    "A field that is gone or garbled, whichever and whenever", .tags(.servers), .serialized, .timeLimit(.minutes(10)))
struct DamagedFieldTests {
    /// What is done to a field.
    enum Damage: String, CaseIterable, Sendable {
        case removed, emptied, cut, replaced
        /// As if it were left of an account of another epoch.
        case stale

        func bytes(_ bytes: [UInt8]) -> [UInt8]? {
            switch self {
            case .removed: nil
            case .emptied: []
            case .cut: Array(bytes.prefix(bytes.count / 2))
            case .replaced: Array("something else".utf8)
            case .stale: bytes.prefix(1).map { $0 ^ 0x55 } + bytes.dropFirst()
            }
        }
    }

    private let redis: RedisConnection
    private let time = SettableTime()
    private let server: RedisTestServer

    init() throws {
        server = try RedisTestServer()
        redis = try connection(server)
    }

    private func damage(_ key: String, _ field: [UInt8], _ bytes: [UInt8]?) async throws {
        var command = RedisCommand(bytes == nil ? "HDEL" : "HSET", key)
        command.append(field)
        if let bytes { command.append(bytes) }
        _ = try await redis.send(command)
    }

    @Test(
        "It is an error that leaves it as it is, or the account begins anew; nothing leaks, no limit is broken",
        arguments: Damage.allCases, Functions.choices)
    func everyField(_ damage: Damage, asFunctions: Bool) async throws {
        if asFunctions { try await Functions.load(server) }
        let ledger = RedisLedger(redis) { [time] in time.now }
        var crew = try Crew(ledger, time)
        try await crew.settleDown()
        var findings = Findings(asFunctions: asFunctions)
        for step in 0..<20 {
            if try await crew.step() { findings.problems.append("step \(step): lost without a cause") }
            guard step % 4 == 3 else { continue }
            let (before, now) = (try await StoredKeys(redis), time.now)
            for (key, field) in Self.fields(before) {
                // Functions keep what they know of an account between two calls: here all of it.
                try await ledger.hold(for: nil, in: crew.group)
                let stored = try await StoredKeys(redis)
                guard case .hash(let fields)? = stored.contents[key], let bytes = fields[field] else { continue }
                try await self.damage(key, field, damage.bytes(bytes))
                let name = "step \(step), \(String(decoding: field, as: UTF8.self))"
                try await look(at: crew, name, &findings)
                try await before.restore(to: redis)
                time.advance(by: .microseconds(now - time.now))
            }
        }
        print("\(damage), \(asFunctions ? "functions" : "scripts"): \(findings.summary)")
        #expect(findings.problems.isEmpty, "\(findings.problems.prefix(60).joined(separator: "\n"))")
        #expect(findings.tries > 50 && findings.errors < findings.tries / 2)
        #expect(findings.losses > findings.tries / 4)
    }

    private struct Findings {
        let asFunctions: Bool
        var tries = 0
        var errors = 0
        var losses = 0
        /// Damages that no call met.
        var unseen = 0
        var problems: [String] = []

        var summary: String {
            """
            \(tries) fields, \(errors) errors, \(losses) begun anew, \(unseen) not met for a while, \
            \(problems.count) problems
            """
        }
    }

    private static func fields(_ stored: StoredKeys) -> [(key: String, field: [UInt8])] {
        stored.contents.sorted { $0.key < $1.key }.flatMap { key, content -> [(key: String, field: [UInt8])] in
            guard case .hash(let fields) = content else { return [] }
            return fields.keys.sorted { $0.lexicographicallyPrecedes($1) }.map { (key, $0) }
        }
    }

    /// What comes of an account with a damaged field while work goes on.
    private func look(at crew: Crew, _ name: String, _ findings: inout Findings) async throws {
        var other = crew
        let damaged = try await StoredKeys(redis)
        findings.tries += 1
        do {
            try await other.settleDown()
            for _ in 0..<12 where try await other.step() { try await other.settleDown() }
            try await other.rest()
            try await other.settleDown()
        } catch let error as LedgerError where error.isOfHead {
            findings.errors += 1
            if try await StoredKeys(redis) != damaged { findings.problems.append("\(name): an error, and it changed") }
            return
        }
        do {
            findings.problems += (try await other.problems() + other.excesses).map { "\(name): \($0)" }
        } catch let error as LedgerError {
            if !error.isOfHead { findings.problems.append("\(name): \(error)") }
            findings.unseen += 1
            try await lookLater(at: &other, name, &findings)
        }
        findings.losses += other.losses > crew.losses ? 1 : 0
    }

    /// What nobody has needed so far is missed as soon as somebody does: a tenant's part, or what functions have kept
    /// in mind of the account.
    private func lookLater(at crew: inout Crew, _ name: String, _ findings: inout Findings) async throws {
        if findings.asFunctions {
            try server.command("FUNCTION", "FLUSH")
            try await Functions.load(server)
        }
        do {
            try await crew.exchange(0, crew.tenants.map { Want(tenant: $0, count: 1) })
            try await crew.settleDown()
            findings.problems += (try await crew.problems()).map { "\(name), later: \($0)" }
        } catch let error as LedgerError {
            findings.errors += 1
            if !error.isOfHead { findings.problems.append("\(name), later: \(error)") }
        }
    }
}

extension LedgerError {
    /// Whether nothing can be said of the account, and nothing was touched.
    fileprivate var isOfHead: Bool { code == .unreadable || code == .unknownVersion }
}
