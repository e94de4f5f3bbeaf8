// SPDX-License-Identifier: Apache-2.0

import HeadroomCLI
import Testing

@Suite("Exit statuses of a drive")
struct DriveVerdictTests {
    @Test("Calls that were made end with 0, and nothing is said")
    func fine() {
        let verdict = DriveVerdict(Self.result(accepted: 100), wanted: 100, isTimed: false, unreachable: nil)
        #expect(verdict.status == .fine)
        #expect(verdict.messages.isEmpty)
    }

    @Test("A limit used up before the calls were made ends with 3, and the message names it")
    func exhausted() {
        let result = Self.result(accepted: 60, exhausted: "limit quota is used up")
        let verdict = DriveVerdict(result, wanted: 100, isTimed: false, unreachable: nil)
        #expect(verdict.status == .exhausted)
        #expect(verdict.messages == ["60 of 100 calls made: limit quota is used up"])
    }

    @Test("A drive that ends by time is done then, whatever was used up")
    func timed() {
        let result = Self.result(accepted: 60, exhausted: "limit quota is used up")
        #expect(DriveVerdict(result, wanted: nil, isTimed: true, unreachable: nil).status == .fine)
        #expect(DriveVerdict(result, wanted: 100, isTimed: true, unreachable: nil).status == .fine)
    }

    @Test("Calls missing for another reason end with 5, nobody reached with 2")
    func others() {
        let result = Self.result(accepted: 60)
        #expect(DriveVerdict(result, wanted: 100, isTimed: false, unreachable: nil).status == .incomplete)
        #expect(DriveVerdict(result, wanted: 100, isTimed: false, unreachable: "no answer").status == .unreachable)
    }

    @Test(
        "The status of an interruption is the signal's",
        arguments: [("SIGINT", ProgramStatus.interrupted), ("SIGTERM", .terminated)])
    func interrupted(signal: String, status: ProgramStatus) {
        let result = Self.result(accepted: 60, exhausted: "limit quota is used up", interrupted: signal)
        #expect(DriveVerdict(result, wanted: 100, isTimed: false, unreachable: nil).status == status)
    }

    @Test("A drive of which no process has ended in order did not do its work, however it was to end")
    func crashed() {
        var state = FleetState(processIDs: [11])
        state.end(.status(1), of: 0)
        #expect(DriveVerdict(DriveResult(state), wanted: nil, isTimed: true, unreachable: nil).status == .incomplete)
    }

    @Test("Failed calls are counted, and the first one's reason is given")
    func failures() {
        var result = Self.result(accepted: 60)
        (result.failed, result.firstFailure) = (2, "status 500")
        let verdict = DriveVerdict(result, wanted: nil, isTimed: true, unreachable: nil)
        #expect(verdict.status == .fine)
        #expect(verdict.messages == ["2 calls failed; the first: status 500"])
    }

    private static func result(accepted: Int, exhausted: String? = nil, interrupted: String? = nil) -> DriveResult {
        var state = FleetState(processIDs: [11])
        var report = FleetStateTests.report(accepted: accepted)
        report.firstExhausted = exhausted
        report.tally.exhausted = exhausted == nil ? 0 : 4
        state.take(.done(report), from: 0)
        state.end(.status(0), of: 0)
        return DriveResult(state, interrupted: interrupted)
    }
}
