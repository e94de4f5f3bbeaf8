// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Headroom
import HeadroomCLI
import Testing

@Suite("What is shown")
struct RenderingTests {
    private static let plain = Paint(isOn: false)

    private static var snapshot: ProgressSnapshot {
        var snapshot = ProgressSnapshot()
        (snapshot.elapsed, snapshot.seconds, snapshot.wanted) = (12.4, 60, 2_000)
        (snapshot.tally.accepted, snapshot.tally.rejected) = (780, 0)
        (snapshot.perMinute, snapshot.processes, snapshot.alive) = (1_500, 4, 3)
        var throttle = LimitUse(limit: "throttle", capacity: 1_500, used: 780)
        throttle.window = "60s"
        snapshot.limits = [throttle, LimitUse(limit: "quota", capacity: 150_000, used: 780)]
        return snapshot
    }

    @Test("Progress is time, calls left, rate, and a bar for each limit")
    func live() {
        #expect(
            ProgressLines.live(Self.snapshot, width: 80, paint: Self.plain) == [
                "00:12 of 01:00  780 of 2,000 calls, about 00:48 left  3 of 4 processes",
                "1,500/min now, 780 accepted, 0 429s",
                "throttle  ████████████████░░░░░░░░░░░░░░   52 %  780 of 1,500/60s",
                "quota     ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░    1 %  780 of 150,000",
            ])
    }

    @Test("No line is wider than the terminal, however narrow or full", arguments: [1, 10, 20, 40, 79, 80, 200])
    func width(width: Int) {
        var snapshot = Self.snapshot
        snapshot.tally.rejected = 1_000_000_000
        snapshot.limits[0] = snapshot.limits[0].used(99_999_999)
        snapshot.limits.append(
            LimitUse(limit: "throttle", tenant: String(repeating: "t", count: 100), capacity: 10, used: 3))
        let lines = ProgressLines.live(snapshot, width: width, paint: Self.plain)
        #expect(lines.allSatisfy { $0.count < max(2, width) })
        #expect(lines.count == 5)
    }

    @Test("Not more limits than fit have a bar: the fullest")
    func manyLimits() {
        var snapshot = Self.snapshot
        snapshot.limits = (0..<20).map { LimitUse(limit: "limit-\($0)", capacity: 100, used: Int64($0)) }
        let lines = ProgressLines.live(snapshot, width: 80, paint: Self.plain)
        #expect(lines.count == 2 + ProgressLines.mostBars)
        #expect(lines[2].hasPrefix("limit-12"))
        #expect(lines.last?.hasPrefix("limit-19") == true)
    }

    @Test("Where there is no terminal, progress is one line")
    func log() {
        #expect(
            ProgressLines.plain(Self.snapshot)
                == "00:12 of 01:00  780 of 2,000 calls, about 00:48 left  3 of 4 processes  "
                + "1,500/min now, 780 accepted, 0 429s, throttle 52 %, quota 1 %")
    }

    @Test("Only a terminal gets colours")
    func colours() {
        let coloured = ProgressLines.live(Self.snapshot, width: 80, paint: Paint(isOn: true)).joined()
        #expect(coloured.contains("\u{1B}[32m"))
        #expect(!ProgressLines.live(Self.snapshot, width: 80, paint: Self.plain).joined().contains("\u{1B}"))
    }

    @Test("The rate is that of the last seconds, not of the whole time")
    func rate() {
        var meter = RateMeter(span: 5)
        #expect(meter.perSecond == 0)
        for second in 0...60 {
            meter.record(second < 50 ? second * 100 : 5_000 + (second - 50) * 10, at: Double(second))
        }
        #expect(abs(meter.perSecond - 10) < 0.01)
        meter.record(5_100, at: 60)
        #expect(abs(meter.perSecond - 10) < 0.01)
    }

    @Test("The result's table has the sums, the limits, and how a process ended")
    func table() {
        var state = FleetState(processIDs: [11, 12])
        state.take(.report(FleetStateTests.report(accepted: 1_200, used: 40)), from: 0)
        state.end(.signal(9), of: 0)
        state.take(.done(FleetStateTests.report(accepted: 50, rejected: 3, seconds: 60, used: 97)), from: 1)
        state.end(.status(0), of: 1)
        let lines = DriveTable.lines(DriveResult(state), paint: Self.plain)
        #expect(lines.prefix(2) == ["accepted             1,250", "rejected (429)       3"])
        #expect(lines.contains("accepted per minute  1,250"))
        #expect(lines.contains("throttle    97       100   97 %"))
        #expect(lines.contains("      1   11     1,200    0       0  signal 9 (SIGKILL)"))
    }

    @Test("An account's table shows every limit, what was learned, what is on hold, and the first instances")
    func status() throws {
        let limits = [
            LedgerStatus.LimitStatus.example(.throttle, .rolling(.seconds(60)), capacity: 1_000, spent: 300, drift: 40),
            .example(.spike, .paced(.seconds(1)), capacity: 1_500, spent: 0, cushion: 50_000),
            .example(.quota, .day, capacity: 1_500, spent: 300, resetsIn: .seconds(66_990)),
        ]
        let instances = try (0..<25).map { number in
            LedgerStatus.InstanceStatus(
                id: try #require(InstanceID("instance-\(number)")), weight: 1, permits: 2,
                sinceRenewal: .milliseconds(500),
                isWanting: number < 3)
        }
        let status = LedgerStatus(
            epoch: 1, now: 0, holdFor: .seconds(90), demand: 3, instances: instances,
            budgets: [.init(scope: .product, outstanding: 10, isLearning: false, limits: limits)])
        let report = StatusReport(status, clientID: "my-app")
        let lines = StatusTable.lines(report, all: false, paint: Self.plain)
        #expect(lines[0] == "client id my-app")
        #expect(lines[1] == "on hold: nothing is granted for another 1 min 30 s")
        #expect(lines.contains("product: 10 outstanding"))
        #expect(lines.contains("  throttle  1,000/60s    350   35 %     40           0  learned, configured 1,500"))
        #expect(lines.contains("  spike      1,500/1s  paced                5 % margin"))
        #expect(lines.contains("  quota     1,500/day    310   21 %      0           0  resets in 18 h 36 min"))
        #expect(lines.contains("25 instances, 3 waiting for permits"))
        #expect(lines.last == "  and 5 more; --all lists them")
        #expect(StatusTable.lines(report, all: true, paint: Self.plain).count == lines.count + 4)
    }
}

extension LedgerStatus.LimitStatus {
    fileprivate static func example(
        _ name: LimitName, _ window: Limit.Window, capacity: Int64, spent: Int64, drift: Int64 = 0, cushion: Int64 = 0,
        resetsIn: Duration = .zero
    ) -> Self {
        .init(
            name: name, window: window, configured: 1_500, capacity: capacity, spent: spent, drift: drift,
            cushion: cushion, pausedFor: .zero, pauses: 0, resetsIn: resetsIn, slotIn: .zero, candidate: 0)
    }
}
