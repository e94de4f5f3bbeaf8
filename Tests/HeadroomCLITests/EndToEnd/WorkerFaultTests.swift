// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomCLI
import KeapSimulator
import RedisTestServer
import Testing

extension EndToEnd {
    @Suite("Workers that are killed, paused, ended")
    struct WorkerFaultTests {
        @Test("Three of eight are killed under load: their permits are spent at the time to live, and the others go on")
        func killed() async throws {
            let redis = try RedisTestServer()
            try await SimulatedKeap.withRunning(WorkerFleet.vendor()) { simulator in
                let fleet = try await WorkerFleet(
                    8, simulator, redis, ["--hold", "0.3", "--time-to-live", "2"])
                try await fleet.serve(WorkerFleet.capacity / 2)
                var (permits, took) = ([String: Int64](), Duration.zero)
                let gap = try await fleet.longestGap {
                    let start = ContinuousClock.now
                    for index in [0, 3, 6] { kill(fleet.workers[index], SIGKILL) }
                    try await Task.sleep(for: .milliseconds(100))
                    for instance in try await fleet.status().instances { permits[instance.id] = instance.permits }
                    #expect(permits.count == 8)
                    try await fleet.wait("five are left") { try await fleet.status().instances.count == 5 }
                    took = start.duration(to: .now)
                    try await fleet.serve(WorkerFleet.capacity)
                }
                let alive = Set(try await fleet.status().instances.map(\.id))
                let lost = permits.filter { !alive.contains($0.key) }.values.reduce(0, +)
                let excess = try await fleet.finish()
                fleet.note(
                    "3 of 8 workers killed", "kill -9", gap: gap,
                    lost: "\(excess) of \(lost) permits that they had, after \(took)")
                #expect(lost > 0)
                #expect((0...lost).contains(excess), "\(excess) more than the vendor counted, \(lost) were out")
                #expect(took > .milliseconds(100) && took < .seconds(32))
                #expect(gap < .seconds(30))
            }
        }

        @Test("One is stopped for longer than its time to live: it uses none of its permits, joins again and works on")
        func stopped() async throws {
            let redis = try RedisTestServer()
            try await SimulatedKeap.withRunning(WorkerFleet.vendor()) { simulator in
                let fleet = try await WorkerFleet(4, simulator, redis, ["--hold", "0.4", "--time-to-live", "3"])
                try await fleet.wait("all have called") { (1...4).allSatisfy { fleet.calls(of: $0) > 3 } }
                let number = 2
                let gap = try await fleet.longestGap {
                    kill(fleet.workers[number - 1], SIGSTOP)
                    try await fleet.wait("three are left") { try await fleet.status().instances.count == 3 }
                    let before = fleet.calls(of: number)
                    kill(fleet.workers[number - 1], SIGCONT)
                    var used = before
                    try await fleet.wait("it has joined again") {
                        let calls = fleet.calls(of: number)
                        if try await fleet.status().instances.count == 4 { return true }
                        used = calls
                        return false
                    }
                    #expect(used == before, "it used \(used - before) permits that were void")
                    try await fleet.wait("it works on") { fleet.calls(of: number) > before + 3 }
                }
                let excess = try await fleet.finish()
                fleet.note(
                    "1 of 4 workers stopped", "SIGSTOP, SIGCONT", gap: gap, lost: "\(excess) permits that it had")
                // Four in the hands of its callers, and as many that waited for them.
                #expect((0...12).contains(excess))
            }
        }

        @Test("Thirty start at once on an empty account: one call finds out what is used, the limit is kept, all work")
        func thirty() async throws {
            let redis = try RedisTestServer()
            var vendor = try WorkerFleet.vendor()
            vendor.vendor.quota = try WindowLimit(1_000, per: .seconds(86_400), counting: .calendar)
            (vendor.vendor.used[.quota], vendor.latency) = (900, Latency(median: .seconds(3)))
            try await SimulatedKeap.withRunning(vendor) { simulator in
                let fleet = try await WorkerFleet(
                    30, simulator, redis, ["--concurrency", "2", "--limit", "quota=1000/day"])
                try await fleet.wait("the first call") { simulator.report().total > 0 }
                // Its answer takes one and a half.
                try await Task.sleep(for: .milliseconds(100))
                #expect(simulator.report().total == 1)
                let gap = try await fleet.longestGap {
                    try await fleet.wait("all is used") { simulator.report().accepted >= 95 }
                }
                let calls = (1...30).map { fleet.calls(of: $0) }
                let excess = try await fleet.finish()
                fleet.note(
                    "30 workers start at once", "headroom drive", gap: gap,
                    lost: "\(excess) permits; of 100 calls each made \(calls.min() ?? 0) to \(calls.max() ?? 0)")
                #expect(calls.allSatisfy { $0 > 0 })
                #expect(excess == 0)
            }
        }

        @Test("SIGTERM under load: a worker makes no more calls, gives back what it has, and ends within seconds")
        func terminated() async throws {
            let redis = try RedisTestServer()
            var vendor = try WorkerFleet.vendor()
            vendor.latency = Latency(median: .milliseconds(150))
            try await SimulatedKeap.withRunning(vendor) { simulator in
                let fleet = try await WorkerFleet(8, simulator, redis, ["--hold", "0.2", "--time-to-live", "60"])
                try await fleet.serve(WorkerFleet.capacity / 2)
                var (one, all) = (Duration.zero, Duration.zero)
                let gap = try await fleet.longestGap {
                    let start = ContinuousClock.now
                    kill(fleet.workers[2], SIGTERM)
                    try await fleet.wait("it has ended") {
                        try HeadroomProgram.commandLines([fleet.workers[2]]).isEmpty
                    }
                    one = start.duration(to: .now)
                    #expect(try await fleet.status().instances.count == 7, "it has left in order")
                    try await fleet.serve(WorkerFleet.capacity / 2)
                }
                let start = ContinuousClock.now
                let excess = try await fleet.finish(SIGTERM)
                all = start.duration(to: .now)
                let result = try await fleet.program.end().result()
                #expect(result.processes.allSatisfy { $0.exit == nil })
                #expect(result.accepted == simulator.report().accepted)
                fleet.note(
                    "SIGTERM under load", "to one of 8, then to all", gap: gap,
                    lost: "\(excess) permits; the one ended after \(one), all after \(all)")
                #expect(excess == 0)
                #expect(one < .seconds(30) && all < .seconds(30), "a minute before a hung one would")
            }
        }
    }
}
