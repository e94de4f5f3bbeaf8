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
        for (id, title, tenants, permits, target) in [
            ("plain", "a join with 1,024 entries of history", 0, 1, Target.measured(atMost: 3_000)),
            ("tenants", "  of 64 tenants, with permits of each", 64, 64, .measured(atMost: 3_000)),
            ("permits", "  with permits of 4,096 tenants", 64, JoinRequest.maximumPermits, nil),
        ] {
            let call = ScriptCall(try Self.request(second, tenants: tenants, permits: permits), in: group)
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
                Row("join.\(id)", "\(title), server time", Spread(server), .microseconds, target: target),
                Row("join.\(id).client", "  as its client sees it", Spread(whole), .microseconds),
            ]
        }
        return Findings(rows: rows)
    }

    /// A join of an instance that knew another account. Half of its history are reports of the last seconds, a quarter
    /// each are of the minute and of the day before.
    ///
    /// - Parameter tenants: those that take turns in the history; 0: it begins an account.
    private static func request(_ id: InstanceID, tenants: Int, permits: Int = 0) throws -> JoinRequest {
        func tenant(_ number: Int) -> Tenant? { tenants > 0 ? Tenant("tenant-\(number)") : nil }
        var request = JoinRequest(
            instance: id, settings: LedgerSettings(plan: .keapOAuth), proposedEpoch: 4711,
            knownEpoch: permits > 0 ? 4710 : 0, sequence: 5_000)
        guard permits > 0 else { return request }
        request.permits = (0..<permits).map { TenantPermits(tenant: tenant($0), count: 1) }
        let count = JoinRequest.maximumHistory
        request.history = (0..<count).map { place in
            let age =
                switch place {
                case ..<(count / 2): 15_000_000 * place / (count / 2)
                case ..<(count * 3 / 4): 15_000_000 + 45_000_000 * (place - count / 2) / (count / 4)
                default: 60_000_000 + 80_000_000_000 * (place - count * 3 / 4) / (count / 4)
                }
            return SpentCalls(
                tenant: tenant(place % max(1, tenants)), age: Int64(age), count: 1, report: Int64(5_000 - place))
        }
        try request.validate()
        return request
    }
}
