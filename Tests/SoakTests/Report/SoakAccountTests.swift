// SPDX-License-Identifier: Apache-2.0

import Soak
import Testing

@Suite("The account of a soak")
struct SoakAccountTests {
    private typealias Worker = SoakAccount.Worker

    /// One that lived, one that was killed with three permits in hand.
    private static let workers = [
        Worker(vendor: 100, uncertain: 0, isForgotten: false), Worker(vendor: 50, uncertain: 3, isForgotten: false),
    ]

    @Test(
        "The ledger counts every call that the vendor got, and besides, at most the permits of crashed workers",
        arguments: [(149, false), (150, true), (153, true), (154, false)])
    func counts(spent: Int, holds: Bool) {
        #expect(Self.checks(Self.workers, spent: spent, drift: 1)[0].holds == holds)
    }

    @Test(
        "It knows nothing of those who were gone when it lost its memory; the drift has to make up for them",
        arguments: [(99, 50, false), (100, 50, true), (100, 49, false), (101, 50, false), (150, 0, false)])
    func forgotten(spent: Int, drift: Int, holds: Bool) {
        var workers = Self.workers
        workers[1].isForgotten = true
        let checks = Self.checks(workers, spent: spent, drift: drift)
        #expect((checks[0].holds && checks[1].holds) == holds, "\(checks)")
    }

    @Test("As many calls as may be under way at one time, the drift may be behind")
    func underWay() {
        let account = Self.account(Self.workers, spent: 150, drift: -8)
        #expect(!account.checks(underWay: 7)[1].holds)
        #expect(account.checks(underWay: 8)[1].holds)
    }

    @Test("Nothing may be left of workers that are gone", arguments: [(0, 0, true), (1, 0, false), (0, 1, false)])
    func left(outstanding: Int, instances: Int, holds: Bool) {
        let ledger = SoakAccount.Ledger(spent: 150, drift: 0, outstanding: outstanding, instances: instances)
        #expect(SoakAccount(Self.workers, vendorDay: 150, ledger: ledger).checks(underWay: 0)[2].holds == holds)
    }

    @Test("A soak holds where nothing is beyond its bound")
    func report() {
        #expect(Self.report().holds)
        #expect(!Self.report(most: 111).holds)
        #expect(!Self.report(rejected: 41).holds)
        #expect(!Self.report(keys: 2).holds)
        #expect(!Self.report(gap: 18.1).holds)
        #expect(!Self.report(mishaps: ["worker-2 ended without a word"]).holds)
        #expect(Self.report(keys: 2).lines().count { $0.hasPrefix("FAILED") } == 1)
    }

    private static func report(
        most: Int = 110, rejected: Int = 40, keys: Int = 1, gap: Double = 18, mishaps: [String] = []
    ) -> SoakReport {
        var line = SoakReport.FaultLine(.redisDown)
        (line.span, line.longestGap) = (3, gap)
        return SoakReport(
            seconds: 600, seed: 1, workers: 4, concurrency: 4, timeToLive: 10, faults: [line],
            vendor: .init(calls: 2_000, rejected: rejected, allowance: 1, capacity: 100, most: most, longestGap: gap),
            account: account(workers, spent: 150, drift: 0), unanswered: 0, workerMemory: nil, redisMemory: nil,
            keys: keys, mishaps: mishaps)
    }

    private static func account(_ workers: [Worker], spent: Int, drift: Int) -> SoakAccount {
        SoakAccount(
            workers, vendorDay: 150,
            ledger: SoakAccount.Ledger(spent: spent, drift: drift, outstanding: 0, instances: 0))
    }

    private static func checks(_ workers: [Worker], spent: Int, drift: Int) -> [SoakCheck] {
        account(workers, spent: spent, drift: drift).checks(underWay: 0)
    }
}
