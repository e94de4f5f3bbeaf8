// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import KeapSimulator
import RedisClient
import RedisTestServer
import Testing

@Suite("A worker whose user lacks one right, beside healthy ones", .serialized, .timeLimit(.minutes(10)))
struct LackingWorkerTests {
    private static let capacity = 120
    private static let window = Duration.seconds(2)
    private static let timeToLive = Duration.seconds(2)

    /// How the worker comes to lack a right.
    enum Case: String, CaseIterable, Sendable {
        /// It lacks the right from the start, and calls scripts.
        case atStart
        /// It lacks nothing at first, and calls functions.
        case later

        var asFunctions: Bool { self == .later }
    }

    /// What came of one right that is lacking.
    private struct Result: Sendable, CustomStringConvertible {
        let command: String
        /// Calls in the last two windows.
        let recent: Int
        /// The most calls in any window, as the vendor counts them.
        let most: Int
        let rejected: Int
        /// Permits that instances that live do not have.
        let leaked: Int
        /// Whether the worker's ledger failed.
        let hasFailed: Bool
        /// Whether the worker's log names the command that it may not call.
        let isNamed: Bool

        var description: String {
            "\(command): \(recent) lately, at most \(most), \(rejected) rejected, \(leaked) leaked"
                + (hasFailed ? "" : ", not needed") + (isNamed ? "" : ", not named")
        }
    }

    @Test(
        "For each right: the others go on at the full rate within the limit, and the worker's log names the right",
        arguments: Case.allCases)
    func everyRight(_ kind: Case) async throws {
        // All at once: a window takes its time. One of them lacks nothing: what the machine allows.
        let commands = [""] + (try LuaCommands.all())
        let results = try await withThrowingTaskGroup(of: Result.self) { group in
            for command in commands { group.addTask { try await Self.result(command, kind) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let full = try #require(results.first { $0.command.isEmpty })
        #expect(full.recent > Self.capacity, "\(full)")
        for result in results.sorted(by: { $0.command < $1.command }) {
            print("\(kind), no right to \(result)")
            #expect(Double(result.recent) >= 0.75 * Double(full.recent), "\(result)")
            #expect(result.most <= Self.capacity && result.rejected == 0, "\(result)")
            #expect(result.leaked == 0, "\(result)")
            #expect(result.isNamed == result.hasFailed, "\(result)")
            // Later, a right may not be needed for a while.
            let isNeeded = kind == .atStart || ["HMGET", "HSET", "TIME"].contains(result.command)
            #expect(result.hasFailed || !isNeeded || result.command.isEmpty, "\(result)")
        }
    }

    private static func result(_ command: String, _ kind: Case) async throws -> Result {
        let bench = try FaultBench()
        if kind.asFunctions { try await Functions.load(bench.server) }
        let lacks = command.isEmpty ? [] : ["-\(command.lowercased())"]
        for user in ["healthy", "lacking"] {
            let rules = kind.asFunctions ? [] : Functions.withheld
            _ = try bench.server.connect().send(["ACL", "SETUSER", user, "on", ">secret", "~*", "&*", "+@all"] + rules)
        }
        let withhold = { _ = try bench.server.connect().send(["ACL", "SETUSER", "lacking"] + lacks) }
        if kind == .atStart { try withhold() }
        let ledgers = try ["lacking", "healthy", "healthy", "healthy"].map { user in
            RedisLedger(
                try connection("redis://\(user):secret@127.0.0.1:\(bench.server.port ?? 0)") {
                    $0.logger = bench.log.logger(user)
                })
        }
        let vendor = ModelVendor(try .only(throttle: capacity, per: window))
        let plan = try Plan(
            name: "rights", productLimits: [Limit(.throttle, capacity: capacity, window: .rolling(window))],
            tenantLimits: [Limit(.throttle, capacity: capacity, window: .rolling(window))])
        let load = try Load(4, bench, plan: plan, vendor: vendor, ledgers: ledgers) { configuration in
            configuration.timeToLive = timeToLive
            // Without its ledger it would call on its own, and others' limits could not bind it.
            configuration.ledgerOutagePolicy = .wait
        }
        let leaked = Counter()
        try await load.run(callersEach: 3) {
            if kind == .later {
                try await Task.sleep(for: .milliseconds(1_500))
                try withhold()
                // What it has is outstanding until it expires.
                try await Task.sleep(for: timeToLive)
            }
            // What was spent before is counted for one window; then there are two more.
            try await Task.sleep(for: window * 3)
        } check: { _ in
            let direct = try bench.direct()
            // The parts of a status are not all of one moment.
            _ = await eventually {
                guard let status = try? await direct.status(tenants: [], in: load.group) else { return false }
                let permits = status.instances.reduce(0) { $0 + $1.permits }
                leaked.add(Int((status.outstanding() ?? 0) - permits) - leaked.value)
                return leaked.value == 0
            }
        }
        let (tally, report) = (load.soFar, vendor.report)
        let worker = bench.log.lines.filter { $0.contains("coordinator 0") || $0.contains("lacking") }
        let last = tally.moments.max() ?? .now
        return Result(
            command: command, recent: tally.moments.count { $0.duration(to: last) < window * 2 },
            most: report.limits["throttle"]?.peak ?? .max, rejected: report.rejected.total,
            leaked: leaked.value, hasFailed: worker.contains { $0.contains("the ledger cannot be reached") },
            isNamed: isNamed(command, worker))
    }

    private static func isNamed(_ command: String, _ lines: [String]) -> Bool {
        guard !command.isEmpty, let name = try? Regex("(?i)\\brights?\\b.*\\b\(command)\\b") else { return false }
        return lines.contains { $0.contains(name) }
    }
}
