// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomRedis
import HeadroomTesting
import RedisTestServer
import Testing

@Suite("Coordinators under load, and a Redis that fails", .tags(.threads), .serialized, .timeLimit(.minutes(10)))
struct RedisLossTests {
    /// What is done to Redis, and for how long nobody can be served at least.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var configLines: [String] = []
        var outage = Duration.zero
        let make: @Sendable (RedisTestServer) throws -> Void
    }

    static let faults: [Fault] = [
        Fault(testDescription: "killed and restarted empty") { server in
            try server.restart()
        },
        Fault(
            testDescription: "killed and restarted with its append-only file",
            configLines: ["appendonly yes", "appendfsync always"]
        ) { server in
            try server.restart()
        },
        Fault(testDescription: "FLUSHALL") { try $0.command("FLUSHALL") },
        Fault(testDescription: "SCRIPT FLUSH and FUNCTION FLUSH") { server in
            try server.command("SCRIPT", "FLUSH")
            try server.command("FUNCTION", "FLUSH")
        },
        Fault(
            testDescription: "DEBUG SLEEP 1.5", configLines: ["enable-debug-command yes"], outage: .milliseconds(1_500)
        ) { server in
            try server.command("DEBUG", "SLEEP", "1.5")
        },
        Fault(testDescription: "CLIENT PAUSE 1500", outage: .milliseconds(1_500)) { server in
            try server.command("CLIENT", "PAUSE", "1500", "ALL")
        },
        Fault(testDescription: "SIGSTOP for 1.5 s", outage: .milliseconds(1_500)) { server in
            server.pause()
            usleep(1_500_000)
            server.resume()
        },
    ]

    @Test("The account is right afterwards, and they go on", arguments: faults)
    func account(_ fault: Fault) async throws {
        let bench = try FaultBench(fault.configLines)
        let load = try Load(4, bench, plan: .longWindow())
        try await load.run {
            for _ in 0..<(fault.outage == .zero ? 2 : 1) {
                let before = load.soFar.total
                #expect(await eventually { load.soFar.total > before + 150 })
                try fault.make(bench.server)
            }
            let before = load.soFar.total
            #expect(await eventually { load.soFar.total > before + 150 })
        } check: { tally in
            try await load.expectExactAccount(tally, bench)
            #expect(tally.longestDelay < .seconds(1) + tally.noise)
            #expect(tally.longestGap < fault.outage + .seconds(4) + tally.noise)
            print("\(fault.testDescription): longest gap \(tally.longestGap), \(tally.total) calls, \(tally.failed)")
        }
    }

    @Test("A Redis that comes back with what it knew a while ago: what was spent since is reported anew")
    func older() async throws {
        let bench = try FaultBench()
        let load = try Load(4, bench, plan: .longWindow())
        try await load.run {
            #expect(await eventually { load.soFar.total > 200 })
            try bench.server.command("SAVE")
            let saved = load.soFar.total
            #expect(await eventually { load.soFar.total > saved + 300 })
            try bench.server.restart()
            let before = load.soFar.total
            #expect(await eventually { load.soFar.total > before + 300 })
        } check: { tally in
            // Reported by the quarter of a second: of the one in which the state was saved, calls may count twice.
            let quarter = Int64(tally.most(within: .milliseconds(250)))
            // And what the sixteen callers had in hand at its edges.
            try await load.expectAccount(tally, bench.direct(), beyond: 0...(quarter + max(16, quarter / 4)))
            print("an older state: longest gap \(tally.longestGap), \(tally.failed)")
        }
    }

    @Test("A window's limit holds while the account is lost and reported anew", arguments: ["FLUSHALL", "kill"])
    func limit(_ kind: String) async throws {
        let capacity = 200
        let bench = try FaultBench()
        let plan = try Plan(
            name: "window", productLimits: [Limit(.throttle, capacity: capacity, window: .rolling(.seconds(1)))])
        let load = try Load(4, bench, plan: plan)
        try await load.run {
            #expect(await eventually { load.soFar.total > Int64(2 * capacity) })
            if kind == "kill" { try bench.server.restart() } else { try bench.server.command("FLUSHALL") }
            let before = load.soFar.total
            #expect(await eventually { load.soFar.total > before + Int64(capacity) })
        } check: { tally in
            let most = tally.most(within: .seconds(1))
            print("\(kind): at most \(most) calls in a window of \(capacity)")
            // A probe, made before all have reported what they spent, may be one too many; not more of them in a tenth
            // of a second.
            #expect(most > capacity / 2 && most <= capacity + capacity / 20)
        }
    }
}
