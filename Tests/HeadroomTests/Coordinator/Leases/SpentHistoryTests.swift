// SPDX-License-Identifier: Apache-2.0

import HeadroomTesting
import Testing

@testable import Headroom

@Suite("What an instance remembers of its calls")
struct SpentHistoryTests {
    private func history(dayEnd: Microseconds = 1 << 50) throws -> SpentHistory {
        SpentHistory(plan: try .minute(100), dayEnd: dayEnd)
    }

    @Test("Young calls are kept by report, newest first; older ones by sub-window with the newest of its reports")
    func byReport() throws {
        var history = try history()
        history.answered = 5
        for report in Int64(1)...4 { history.add(nil, 10, report: report, at: 1_000_000 + report * 1_000) }
        history.add(nil, 1, report: 4, at: 1_010_000)
        #expect(history.entries(at: 16_000_000).map(\.report) == [4, 3, 2, 1])
        #expect(history.entries(at: 16_000_000).map(\.count) == [11, 10, 10, 10])
        let merged = [SpentCalls(tenant: nil, age: 15_000_000, count: 41, report: 4)]
        #expect(history.entries(at: 16_250_000) == merged)
    }

    @Test("Calls that no answered report has brought are never merged with others")
    func unreported() throws {
        let tenant = try #require(Tenant("a"))
        var history = try history()
        for (answered, start) in [(Int64(5), Int64(1_000_000)), (7, 1_000_000_000)] {
            history.answered = answered
            history.add(nil, 10, report: answered, at: start)
            history.add(nil, 3, report: answered + 1, at: start + 1)
            history.add(tenant, 4, report: answered + 1, at: start + 2)
        }
        // Those of report 6 are of the day by now, and were answered.
        let entries = history.entries(at: 1_100_000_000)
        #expect(entries.map(\.report) == [8, 8, 7, 6, 6])
        #expect(entries.reduce(0) { $0 + $1.count } == 34)
    }

    @Test("However many there are, a join has room for them, and none is left out")
    func many() throws {
        var history = try history()
        var report: Int64 = 0
        var sum = 0
        for second in Int64(0)..<300 {
            for number in 0..<40 {
                report += 1
                history.answered = report
                history.add(Tenant("t\(number)"), 1, report: report, at: second * 1_000_000)
                sum += 1
            }
        }
        let entries = history.entries(at: 300_000_000)
        #expect(entries.count <= JoinRequest.maximumHistory && entries.count > JoinRequest.maximumHistory / 4)
        #expect(entries.reduce(0) { $0 + $1.count } == sum)
        #expect(entries.map(\.report) == entries.map(\.report).sorted(by: >) && entries.first?.report == report)
    }

    @Test(
        "Many reports in one moment of many tenants have room in a join, however long the window is; the newest are apart",
        arguments: [60, 7_200, 86_400 * 30])
    func manyAtOnce(window seconds: Int) throws {
        let rolling = try Limit(.throttle, capacity: 1_000_000, window: .rolling(.seconds(seconds)))
        let plan = try Plan(name: "long", productLimits: [rolling], tenantLimits: [rolling])
        var history = SpentHistory(plan: plan, dayEnd: 1 << 60)
        var sum = 0
        for report in Int64(1)...800 {
            history.answered = report - 1
            for number in 0..<64 { history.add(Tenant("t\(number)"), 1, report: report, at: 1_000_000) }
            sum += 64
        }
        let entries = history.entries(at: 1_000_001)
        #expect(entries.count <= JoinRequest.maximumHistory)
        #expect(entries.reduce(0) { $0 + $1.count } == sum)
        #expect(entries.prefix(64).allSatisfy { $0.report == 800 && $0.count == 1 })
    }

    @Test("A day that ends while nobody calls takes its calls with it, those within the window excepted")
    func day() throws {
        var history = try history(dayEnd: 1_000_000_000)
        history.add(nil, 70, report: 1, at: 500_000_000)
        history.add(nil, 7, report: 2, at: 980_000_000)
        history.setDayEnd(1_000_000_000)
        history.setDayEnd(1_000_000_000 + Rules.day)
        #expect(history.entries(at: 1_001_000_000).map(\.count) == [7])
        history.add(nil, 5, report: 3, at: 1_100_000_000)
        #expect(history.entries(at: 1_300_000_000).map(\.count) == [5])
    }
}
