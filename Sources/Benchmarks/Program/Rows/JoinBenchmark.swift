// SPDX-License-Identifier: Apache-2.0

import BenchmarkHarness
import Headroom
import HeadroomRedis

/// The cost of joins that bring a ledger without memory what an instance remembers, to Redis' only thread.
struct JoinBenchmark: Benchmark {
    static let name = "join"
    static let summary = "a join with the longest history, and with the most permits: server time"

    private static let group = BudgetGroup("bench-join")

    func run(_ bench: Bench) async throws -> Findings {
        bench.say("joins")
        try await bench.admin.empty()
        guard let group = Self.group, let first = InstanceID("bench-first"), let second = InstanceID("bench-second")
        else { throw BenchmarkFailure("no such names") }
        let client = try SyncClient(.socket(bench.socket))
        let meter = ServerMeter(admin: bench.admin, client: client)
        let begins = ScriptCall(try Self.request(first, tenants: 0), in: group)
        var rows: [Row] = []
        let most = SpentHistory.maximumTenants
        for (id, title, tenants, permits, target) in [
            ("plain", "a join with the longest history", 0, 1, Target.measured(atMost: 3_000)),
            ("tenants", "  of \(most) tenants, with permits of each", most, most, .measured(atMost: 3_000)),
            ("permits", "  and of all that may have some", most, JoinRequest.maximumPermits, nil),
        ] {
            let request = try Self.request(second, tenants: tenants, permits: permits)
            let call = ScriptCall(request, in: group)
            var (server, whole): ([Double], [Double]) = ([], [])
            for round in 0...bench.pick(40, quick: 15) {
                try await bench.admin.empty()
                try meter.run([begins])
                let time = try await meter.time([call])
                try await bench.admin.empty()
                try meter.run([begins])
                let span = try client.run(CommandList([call.words]))[0] / 1000
                if round > 0 { (server, whole) = (server + [time], whole + [span]) }
            }
            rows += [
                Row(
                    "join.\(id)", "\(title), server time", Spread(server), .microseconds, target: target,
                    note: "\(request.history.count) entries, permits of \(permits) tenants"),
                Row("join.\(id).client", "  as its client sees it", Spread(whole), .microseconds),
            ]
        }
        return Findings(rows: rows + [try await fleet(group, meter, bench)])
    }

    /// Joins of a fleet of 1,000, one after the other: the last ones against the first.
    private func fleet(_ group: BudgetGroup, _ meter: ServerMeter, _ bench: Bench) async throws -> Row {
        let joins = try (0..<1_000).compactMap { InstanceID("bench-\($0)-of-1000") }.map {
            ScriptCall(try Self.request($0, tenants: 0), in: group)
        }
        var pairs = Pairs()
        for _ in 0..<bench.pick(20, quick: 8) {
            try await bench.admin.empty()
            let first = try await meter.time(Array(joins[..<100]))
            try meter.run(Array(joins[100..<900]))
            pairs.add(baseline: first, subject: try await meter.time(Array(joins[900...])))
        }
        return Row(
            "join.fleet", "  the last 100 of 1,000 instances, against the first 100", pairs, .microseconds,
            target: .ratio(atMost: 2))
    }

    /// A join of an instance that knew another account: what it remembers of half a day of calls, 60 a second in
    /// the end.
    ///
    /// - Parameters:
    ///   - tenants: those that take turns in the calls; 0: they name none.
    ///   - permits: how many it has in hand; 0: it begins an account, and remembers nothing.
    private static func request(_ id: InstanceID, tenants: Int, permits: Int = 0) throws -> JoinRequest {
        func tenant(_ number: Int) -> Tenant? { tenants > 0 ? Tenant("tenant-\(number)") : nil }
        var request = JoinRequest(
            instance: id, settings: LedgerSettings(plan: .keapOAuth), proposedEpoch: 4711,
            knownEpoch: permits > 0 ? 4710 : 0)
        guard permits > 0 else { return request }
        request.permits = (0..<permits).map { TenantPermits(tenant: tenant($0), count: 1) }
        var history = SpentHistory(plan: .keapOAuth, dayEnd: 86_400_000_000)
        var (now, report): (Microseconds, Int64) = (0, 0)
        while now < 43_200_000_000 {
            now += now < 43_000_000_000 ? 1_000_000 : 1_000_000 / 60
            report += 1
            history.add(tenant(Int(report) % max(1, tenants)), 1, report: report, at: now)
        }
        (request.history, request.sequence) = (history.entries(at: now), report + 1)
        try request.validate()
        return request
    }
}
