// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import Headroom
import HeadroomRedis
import RedisClient

/// The cost of one exchange to Redis' only thread, against a script that reads and writes one hash.
struct ScriptBenchmark: Benchmark {
    static let name = "script"
    static let summary = "server time of one exchange, with 10 to 150,000 calls in the window"

    /// TIME, 16 fields read, 6 of them written.
    private static let hash = RedisScript(
        source: Array(
            """
            local time = redis.call('TIME')
            local now = time[1] * 1000000 + time[2]
            local read = redis.call('HMGET', KEYS[1], 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p')
            redis.call('HSET', KEYS[1], 'a', (tonumber(read[1]) or 0) + 1, 'b', now, 'c', tonumber(read[3]) or 7,
                'd', tonumber(read[4]) or 8, 'e', tonumber(read[5]) or 9, 'f', tonumber(read[6]) or 10)
            return { 1, now }
            """.utf8))

    func run(_ bench: Bench) async throws -> Findings {
        bench.say("server time of scripts")
        try await bench.admin.empty()
        try await bench.admin.load(Self.hash)
        let ledger = RedisLedger(bench.connect(bench.address))
        let meter = ServerMeter(admin: bench.admin, client: try SyncClient(.socket(bench.socket)))
        try await fillHash(bench)
        var subjects = try await subjects(ledger, meter)
        var times: [String: [Double]] = [:]
        // Redis measures by the wall clock: rounds are so short that most of them are not interrupted.
        let count = 50
        for round in 0...bench.pick(160, quick: 60) {
            let base = try await meter.time(Array(repeating: ScriptCall(Self.hash, keys: ["bench-hash"]), count: count))
            if round > 0 { times["hash", default: []].append(base) }
            for index in subjects.indices {
                let time = try await meter.time(subjects[index].next(count))
                if round > 0 { times[subjects[index].id, default: []].append(time) }
            }
        }
        return Findings(rows: rows(subjects, times))
    }

    /// All 16 fields are there before the first call.
    private func fillHash(_ bench: Bench) async throws {
        var command = RedisCommand("HSET", "bench-hash")
        for field in "abcdefghijklmnop" {
            command.append(String(field))
            command.append(1_795_521_600_000_000)
        }
        _ = try await bench.admin.connection.send(command)
    }

    private func subjects(_ ledger: RedisLedger, _ meter: ServerMeter) async throws -> [ScriptSubject] {
        let plan = try Plan(
            name: "high",
            productLimits: [
                Limit(.spike, capacity: 1_000_000, window: .paced(.seconds(1))),
                Limit(.throttle, capacity: Limit.maximumCapacity, window: .rolling(.seconds(60))),
                Limit(.quota, capacity: Limit.maximumCapacity, window: .day),
            ])
        var subjects: [ScriptSubject] = []
        for (id, calls, kind) in [
            ("exchange", 1_500, ScriptSubject.Kind.spending), ("observing", 1_500, .observing), ("10", 10, .returning),
            ("1500", 1_500, .returning), ("150000", 150_000, .returning),
        ] {
            let fixture = try await AccountFixture("bench-script-\(id)", plan, instances: 1, ledger)
            var subject = ScriptSubject(id: id, kind: kind, fixture: fixture)
            try meter.run(subject.filling(with: calls))
            subjects.append(subject)
        }
        let fixture = try await AccountFixture("bench-script-keap", .keapOAuth, instances: 8, ledger)
        subjects.append(ScriptSubject(id: "keap", kind: .keap, fixture: fixture))
        for count in [10, 1_000] {
            let fixture = try await AccountFixture("bench-script-of-\(count)", .keapOAuth, instances: count, ledger)
            subjects.append(ScriptSubject(id: "of\(count)", kind: .heartbeat, fixture: fixture))
        }
        return subjects
    }

    private func rows(_ subjects: [ScriptSubject], _ times: [String: [Double]]) -> [Row] {
        func pairs(_ id: String, _ base: String) -> Pairs {
            var pairs = Pairs()
            for (subject, base) in zip(times[id] ?? [], times[base] ?? []) {
                pairs.add(baseline: base, subject: subject)
            }
            return pairs
        }
        return [
            Row(
                "script.exchange", "one exchange in Redis, server time", pairs("exchange", "hash"), .microseconds,
                target: .ratio(atMost: 1.5),
                note:
                    "settles one call and reserves one, of three limits; baseline: EVALSHA of TIME, HMGET of 16 fields, HSET of 6"
            ),
            Row(
                "script.observing", "  with what headers said of two limits", pairs("observing", "hash"), .microseconds),
            Row("script.keap", "  8 instances at Keap's rate, simulated time", pairs("keap", "hash"), .microseconds),
            Row("script.10", "  10 calls in the window", pairs("10", "hash"), .microseconds),
            Row(
                "script.1500", "  1,500 calls, against 10", pairs("1500", "10"), .microseconds,
                target: .ratio(atMost: 1.1)),
            Row(
                "script.150000", "  150,000 calls, against 10", pairs("150000", "10"), .microseconds,
                target: .ratio(atMost: 1.1)),
            Row(
                "script.of1000", "  a heartbeat, one of 1,000 instances, against one of 10", pairs("of1000", "of10"),
                .microseconds),
        ]
    }
}

/// A measurement of the server's time for scripts.
struct ServerMeter: Sendable {
    let admin: RedisAdmin
    let client: SyncClient

    /// Microseconds of one call.
    func time(_ calls: [ScriptCall]) async throws -> Double {
        let list = CommandList(calls.map(\.words))
        try await admin.forgetCalls()
        try client.runInBatches(list)
        let sum = try await admin.scriptCalls()
        guard sum.calls == calls.count else {
            throw BenchmarkFailure("Redis counted \(sum.calls) scripts, \(calls.count) were called")
        }
        return sum.microseconds / Double(sum.calls)
    }

    /// Calls them, and measures nothing.
    func run(_ calls: [ScriptCall]) throws { try client.runInBatches(CommandList(calls.map(\.words))) }
}
