// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisClient
import RedisTestServer
import Testing

/// Somebody has changed a field of an account, and not the whole.
@Suite("A field that is gone or garbled, whichever and whenever", .serialized, .timeLimit(.minutes(10)))
struct DamagedFieldTests {
    /// What is done to a field.
    enum Damage: String, CaseIterable, Sendable {
        case removed, emptied, cut, replaced

        func bytes(_ bytes: [UInt8]) -> [UInt8]? {
            switch self {
            case .removed: nil
            case .emptied: []
            case .cut: Array(bytes.prefix(bytes.count / 2))
            case .replaced: Array("something else".utf8)
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
        arguments: Damage.allCases, [true, false])
    func everyField(_ damage: Damage, asFunctions: Bool) async throws {
        if asFunctions { try await Functions.load(server) }
        let ledger = RedisLedger(redis) { [time] in time.now }
        var crew = try Crew(ledger, time)
        try await crew.settleDown()
        var (tries, errors, losses, problems) = (0, 0, 0, [String]())
        for step in 0..<48 {
            if try await crew.step() { problems.append("step \(step): lost without a cause") }
            guard step % 4 == 3 else { continue }
            let (before, now) = (try await StoredKeys(redis), time.now)
            for (key, content) in before.contents.sorted(by: { $0.key < $1.key }) {
                guard case .hash(let fields) = content else { continue }
                for (field, bytes) in fields.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                    var other = crew
                    try await self.damage(key, field, damage.bytes(bytes))
                    let damaged = try await StoredKeys(redis)
                    tries += 1
                    do {
                        try await goOn(&other)
                        losses += other.losses > crew.losses ? 1 : 0
                        let name = String(decoding: field, as: UTF8.self)
                        problems += try await other.problems().map { "step \(step), \(name): \($0)" }
                        problems += other.excesses
                    } catch let error as LedgerError where error.code == .unreadable || error.code == .unknownVersion {
                        errors += 1
                        let after = try await StoredKeys(redis)
                        if after != damaged { problems.append("step \(step): an error, and \(key) was changed") }
                    }
                    try await before.restore(to: redis)
                    time.advance(by: .microseconds(now - time.now))
                }
            }
        }
        print("\(damage): \(tries) fields, \(errors) errors, \(losses) begun anew, \(problems.count) problems")
        #expect(problems.isEmpty, "\(problems.prefix(5).joined(separator: "\n"))")
        #expect(tries > 100 && errors < tries / 2 && losses > tries / 4)
    }

    /// Work goes on for a window, heartbeats follow.
    private func goOn(_ crew: inout Crew) async throws {
        try await crew.settleDown()
        for _ in 0..<12 where try await crew.step() { try await crew.settleDown() }
        try await crew.rest()
        try await crew.settleDown()
    }
}
