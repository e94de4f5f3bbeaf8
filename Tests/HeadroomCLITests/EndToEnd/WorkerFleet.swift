// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomRedis
import KeapSimulator
import RedisTestServer
import Testing

/// Real processes that make calls to a simulated vendor, and what the account in Redis says of them.
struct WorkerFleet: Sendable {
    /// Calls per window of the vendor's one limit.
    static let capacity = 200
    static let window = Duration.seconds(2)

    let simulator: RunningSimulator
    let program: HeadroomProgram
    /// The processes' numbers, in the order of their own.
    let workers: [Int32]
    private let ledger: Ledger

    /// Starts processes; they begin to call together.
    ///
    /// - Parameter arguments: more of `headroom drive`.
    init(_ count: Int, _ simulator: RunningSimulator, _ redis: RedisTestServer, _ arguments: [String]) async throws {
        self.simulator = simulator
        ledger = try .redis(redis.address)
        program = try HeadroomProgram(
            [
                "drive", simulator.baseURL, "--redis", redis.address, "--client-id", "workers", "--processes",
                "\(count)",
                "--limit", "spike=off", "--limit", "quota=off", "--limit", "throttle=\(Self.capacity)/2s", "--limit",
                // Nothing leaves it during a test: all that was ever spent.
                "all=1000000/1h", "--seconds", "600", "--json",
            ] + arguments)
        workers = try await program.children(count)
    }

    /// The vendor that the processes call.
    static func vendor() throws -> SimulatorConfiguration {
        SimulatorConfiguration(vendor: try .only(throttle: capacity, per: window))
    }

    /// The account as it stands.
    func status() async throws -> LedgerStatus {
        try #require(try await ledger.status(of: "workers"))
    }

    /// All calls that the account counts as spent.
    func spent() async throws -> Int64 {
        try #require(try await status().budgets[0].limits.first { $0.name.text == "all" }).spent
    }

    /// Calls of one process that the vendor has counted.
    func calls(of number: Int) -> Int { simulator.report().callers["drive-\(number)"]?.accepted ?? 0 }

    /// Waits until the vendor has accepted so many calls more.
    func serve(_ more: Int) async throws {
        let before = simulator.report().accepted
        try await wait("\(more) calls more") { simulator.report().accepted >= before + more }
    }

    /// Waits until something holds; records an issue where it does not within a minute.
    func wait(_ what: String, until condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it has not come about within a minute: \(what)")
    }

    /// The longest time in which the vendor accepted nothing, while a body runs.
    func longestGap(_ body: () async throws -> Void) async throws -> Duration {
        let watch = Task {
            var (longest, accepted, since) = (Duration.zero, simulator.report().accepted, ContinuousClock.now)
            while (try? await Task.sleep(for: .milliseconds(10))) != nil {
                longest = max(longest, since.duration(to: .now))
                let now = simulator.report().accepted
                if now != accepted { (accepted, since) = (now, .now) }
            }
            return longest
        }
        defer { watch.cancel() }
        try await body()
        watch.cancel()
        return await watch.value
    }

    /// Ends all in order, and expects that the limit was kept and nothing is left over. How many calls more the account
    /// counts than the vendor.
    func finish(_ signal: Int32 = SIGINT) async throws -> Int64 {
        program.send(signal)
        let ended = await program.end()
        #expect(ended.status == 128 + signal, "\(ended.errors)")
        let report = simulator.report()
        #expect(report.rejected.total == 0)
        #expect(report.limits["throttle"].map { $0.peak <= Self.capacity } == true)
        let status = try await status()
        #expect(status.instances.isEmpty && status.budgets[0].outstanding == 0)
        return try await spent() - Int64(report.accepted)
    }

    /// A line of the table of faults.
    func note(_ fault: String, _ made: String, gap: Duration, lost: String) {
        let report = simulator.report()
        print(
            "\(fault) | \(made) | \(report.rejected.total) 429s of \(report.total) | longest gap \(gap) |",
            "at most \(report.limits["throttle"]?.peak ?? 0) of \(Self.capacity) | \(lost)")
    }
}
