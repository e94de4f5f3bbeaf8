// SPDX-License-Identifier: Apache-2.0

import HeadroomCLI
import Testing

@Suite("Results of several processes")
struct FleetStateTests {
    @Test("The figures of all processes add up, and each is listed")
    func sums() {
        var state = FleetState(processIDs: [11, 12])
        state.take(.done(Self.report(accepted: 30, rejected: 2, seconds: 10, wait: 1_000, used: 30)), from: 0)
        state.take(.done(Self.report(accepted: 50, failed: 1, seconds: 12, wait: 9_000, used: 80)), from: 1)
        for index in 0...1 { state.end(.status(0), of: index) }
        let result = DriveResult(state)
        #expect([result.calls, result.accepted, result.rejected, result.failed] == [83, 80, 2, 1])
        #expect(result.seconds == 12)
        #expect(result.perMinute == 400)
        #expect(result.roundTrips == 14)
        #expect(result.acquireMilliseconds.max == 9)
        #expect(result.processes.map(\.accepted) == [30, 50])
        #expect(result.processes.map(\.pid) == [11, 12])
        #expect(result.processes.allSatisfy { $0.exit == nil })
        // The account is one: its use is not added up, the newest known counts.
        #expect(result.limits.map(\.used) == [80])
        #expect(result.limits.map(\.share) == [0.8])
    }

    @Test("Reports are sums since the start: a newer one takes the place of an older one")
    func replacing() {
        var state = FleetState(processIDs: [11])
        state.take(.report(Self.report(accepted: 30)), from: 0)
        state.take(.report(Self.report(accepted: 31)), from: 0)
        #expect(state.tally.accepted == 31)
    }

    @Test("A killed process keeps its last figures and is named; what it knew of the limits does not count")
    func killed() {
        var state = FleetState(processIDs: [11, 12])
        state.take(.report(Self.report(accepted: 30, used: 95)), from: 0)
        state.end(ChildExit(waitStatus: 9), of: 0)
        state.take(.done(Self.report(accepted: 50, used: 40)), from: 1)
        state.end(ChildExit(waitStatus: 0), of: 1)
        let result = DriveResult(state)
        #expect(result.accepted == 80)
        #expect(result.processes.map(\.exit) == ["signal 9 (SIGKILL)", nil])
        #expect(result.limits.map(\.used) == [40])
    }

    @Test("All start together: when each is ready or gone")
    func start() {
        var state = FleetState(processIDs: [11, 12, 13])
        state.take(.ready, from: 0)
        #expect(!state.isReady)
        state.end(.status(1), of: 1)
        #expect(!state.isReady)
        state.take(.ready, from: 2)
        #expect(state.isReady)
        #expect(!state.isOver)
    }

    @Test(
        "The way a process ended is read from the system's number",
        arguments: [
            (0, "status 0"), (256, "status 1"), (9, "signal 9 (SIGKILL)"), (139, "signal 11 (SIGSEGV)"),
            (60, "signal 60"),
        ])
    func exits(status: Int32, text: String) { #expect("\(ChildExit(waitStatus: status))" == text) }

    @Test(
        "Calls are divided among processes without losing one",
        arguments: [(100, 3, [34, 33, 33]), (2, 3, [1, 1, 0])])
    func dividing(calls: Int, processes: Int, parts: [Int]) {
        let orders = DriveOrder.example(calls: calls).divided(among: processes)
        #expect(orders.map(\.calls) == parts)
        #expect(orders.map(\.process) == Array(1...processes))
    }

    static func report(
        accepted: Int = 0, rejected: Int = 0, failed: Int = 0, seconds: Double = 1, wait: Int64 = 0, used: Int64 = 0
    ) -> ProcessReport {
        var report = ProcessReport()
        (report.tally.accepted, report.tally.rejected, report.tally.failed) = (accepted, rejected, failed)
        (report.seconds, report.roundTrips) = (seconds, 7)
        report.acquire.record(microseconds: wait)
        report.limits = [LimitUse(limit: "throttle", capacity: 100, used: used)]
        return report
    }
}

extension DriveOrder {
    static func example(calls: Int?) -> DriveOrder {
        DriveOrder(
            process: 1, url: "http://127.0.0.1/", coordination: .memory, clientID: "c", plan: "keap-oauth", limits: [],
            priority: "normal", concurrency: 1, calls: calls, timeoutSeconds: 1, holdSeconds: 0, timeToLiveSeconds: 10,
            isVerbose: false)
    }
}
