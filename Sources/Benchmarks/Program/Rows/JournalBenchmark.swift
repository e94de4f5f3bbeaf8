// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import Headroom
import HeadroomRedis

/// The bytes that exchanges add to Redis' append-only file, which replicas are sent as well.
struct JournalBenchmark: Benchmark {
    static let name = "journal"
    static let summary = "bytes of append-only file: a heartbeat, an exchange at Keap's rate"

    func run(_ bench: Bench) async throws -> Findings {
        bench.say("bytes of append-only file")
        try await bench.admin.empty()
        try await bench.admin.setAppendOnly(true)
        let rows: [Row]
        do {
            rows = try await self.rows(bench)
        } catch {
            try? await bench.admin.setAppendOnly(false)
            throw error
        }
        try await bench.admin.setAppendOnly(false)
        return Findings(rows: rows)
    }

    private func rows(_ bench: Bench) async throws -> [Row] {
        let ledger = RedisLedger(bench.connect(bench.address))
        let client = try SyncClient(.socket(bench.socket))
        func bytes(
            _ title: String, _ load: JournalLoad, instances: Int, after warmUp: Int, minutes: Int = 5
        ) async throws -> Spread {
            var story = JournalStory(
                load, try await AccountFixture("bench-\(title)", .keapOAuth, instances: instances, ledger))
            try client.runInBatches(CommandList(story.next(warmUp).map(\.words)))
            var means: [Double] = []
            for _ in 0..<minutes {
                let calls = story.minute()
                let before = try await bench.admin.appendOnlySize()
                try client.runInBatches(CommandList(calls.map(\.words)))
                means.append(Double(try await bench.admin.appendOnlySize() - before) / Double(calls.count))
            }
            return Spread(means)
        }
        return [
            Row(
                "journal.heartbeat", "append-only file of a heartbeat, 10 instances",
                try await bytes("idle", .heartbeat, instances: 10, after: 40), .bytes,
                target: .measured(atMost: 150),
                note: "one in 2.5 s from each, in simulated time; a minute's mean, in which the key's time to live is "
                    + "renewed once"),
            Row(
                "journal.heartbeat.alone", "  one instance",
                try await bytes("alone", .heartbeat, instances: 1, after: 4), .bytes, target: .measured(atMost: 150)),
            Row(
                "journal.exchange", "  an exchange at Keap's rate, 8 instances",
                try await bytes("busy", .contended, instances: 8, after: 3_000), .bytes,
                target: .measured(atMost: 400),
                note: "settles one call, reports the headers of throttle and quota, wants more than there is"),
            Row(
                "journal.exchange.alone", "  one instance",
                try await bytes("steady", .steady, instances: 1, after: 3_000), .bytes,
                target: .measured(atMost: 400), note: "the same, and gets what it wants"),
            Row(
                "journal.exchange.first", "  its first minute",
                try await bytes("first", .steady, instances: 1, after: 0, minutes: 1), .bytes,
                note: "the margin of slots, 5 % at first, changes with each call"),
        ]
    }
}

/// What the exchanges of a journal do.
enum JournalLoad: Sendable {
    /// Nothing but renew.
    case heartbeat
    /// Each settles a call, reports headers and wants 8 permits, at the pace of Keap's plan.
    case contended
    /// The same, of an instance that gets the one permit that it wants.
    case steady
}

/// Exchanges of an account one after the other, in simulated time.
private struct JournalStory {
    private let load: JournalLoad
    private var fixture: AccountFixture
    private var made = 0
    private var now = SystemClock.now()

    init(_ load: JournalLoad, _ fixture: AccountFixture) { (self.load, self.fixture) = (load, fixture) }

    private var step: Microseconds {
        load == .heartbeat ? 2_500_000 / Int64(fixture.instances.count) : 42_000
    }

    mutating func minute() -> [ScriptCall] { next(Int(60_000_000 / step)) }

    mutating func next(_ count: Int) -> [ScriptCall] { (0..<count).map { _ in next() } }

    private mutating func next() -> ScriptCall {
        (made, now) = (made + 1, now + step)
        let index = made % fixture.instances.count
        guard load != .heartbeat else {
            return ScriptCall(fixture.next(of: index, settling: 0, wants: 0), in: fixture.group, now: now)
        }
        let isFirst = made <= fixture.instances.count
        var request = fixture.next(of: index, settling: isFirst ? 0 : 1, observing: isFirst ? [] : headers)
        request.wants = [Want(count: load == .contended ? 8 : 1)]
        return ScriptCall(request, in: fixture.group, now: now)
    }

    /// What the headers of a response say that was sent a moment ago, if there are no strangers.
    private var headers: [Observation] {
        [
            (LimitName.throttle, Limit.Window.rolling(.seconds(60)), 1_500, min(made, 1_428)),
            (.quota, .day, 150_000, made),
        ].map { name, window, capacity, used in
            Observation(
                limit: LimitReference(.product, name), window: window, capacity: capacity, used: used,
                mark: Int64(used), date: now - 10_000, age: 5_000)
        }
    }
}
