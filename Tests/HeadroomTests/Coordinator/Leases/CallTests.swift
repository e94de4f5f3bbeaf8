// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: life of a call", .tags(.threads), .timeLimit(.minutes(10)))
struct CallTests {
    @Test("A call is granted, completed and settled")
    func call() async throws {
        try await Bench(.minute(100)).running { bench in
            let verdict = try await bench.call()
            #expect(verdict == .accepted)
            try await bench.becomesIdle()
            let spent = try await bench.spent(.throttle)
            #expect(spent == 4)
            #expect(try await bench.status().budgets[0].outstanding == 0)
            #expect(bench.coordinator.statistics.outstanding == 0)
        }
    }

    @Test("A dropped lease counts as spent, a cancelled one as unused, and each is reported once")
    func endings() async throws {
        try await Bench(.minute(100)).running { bench in
            try await bench.acquired { lease in _ = lease.label }
            try await bench.acquired { lease in lease.cancel() }
            try await bench.becomesIdle()
            let settlements = bench.ledger.exchanges.flatMap(\.settlements)
            #expect(settlements.reduce(0) { $0 + $1.spent } == 4)
            #expect(settlements.reduce(0) { $0 + $1.accepted } == 3)
            #expect(settlements.reduce(0) { $0 + $1.unused } == 1)
            let spent = try await bench.spent(.throttle)
            #expect(spent == 4)
            #expect(try await bench.status().budgets[0].outstanding == 0)
        }
    }

    @Test(
        "A lease that lasts too long counts as spent, and its late completion still gives a verdict but counts nothing")
    func longLease() async throws {
        var configuration = RateCoordinator.Configuration()
        configuration.leaseMaximum = .seconds(30)
        try await Bench(.minute(100), configuration: configuration).running { bench in
            let coordinator = bench.coordinator
            let task = Task { () async throws -> (Bool, Bool, Verdict) in
                let lease = try await coordinator.acquire()
                let before = lease.isUsable
                try await bench.clock.sleep(for: .seconds(40))
                let after = lease.isUsable
                return (before, after, lease.complete(VendorReading(status: 429)))
            }
            let (before, after, verdict) = try await bench.finish(task, step: .milliseconds(500))
            #expect(before && !after && verdict.isRejected)
            await bench.pass(.milliseconds(300))
            #expect(bench.ledger.exchanges.flatMap(\.settlements).reduce(0) { $0 + $1.spent } == 4)
            #expect(bench.coordinator.statistics.outstanding == 0)
            #expect(bench.coordinator.statistics.dropped == 1)
        }
    }

    @Test("Nothing is in the pool at first; a tenant or a label that is not valid is an error")
    func arguments() async throws {
        let bench = try Bench(.minute(100))
        let isThere = if let lease = try bench.coordinator.tryAcquire() { lease.isUsable } else { false }
        #expect(!isThere)
        for (tenant, label, code) in [
            ("a b", nil, RateLimitError.Code.invalidTenant), ("", nil, .invalidTenant), ("ok", "", .invalidLabel),
            ("ok", String(repeating: "x", count: 65), .invalidLabel),
        ] {
            await #expect { try await bench.coordinator.acquire(tenant: tenant, label: label).cancel() } throws: {
                ($0 as? RateLimitError)?.code == code
            }
        }
    }

    @Test("A client id becomes a group whatever it holds, and different ids different groups")
    func clientIDs() {
        let ids = [
            "", "%", "my-app", "my app", "my%20app", "{a}", "ä", String(repeating: "x", count: 129),
            String(repeating: "x", count: 130),
        ]
        let groups = ids.map { RateCoordinator(clientID: $0, plan: .keapOAuth, ledger: .memory).group }
        #expect(Set(groups).count == ids.count)
        #expect(groups.allSatisfy { BudgetGroup($0.name) == $0 })
        #expect(groups[2].name == "my-app" && groups[3].name == "my%20app")
    }
}

extension Bench {
    /// Hands a lease to `body` when it comes.
    func acquired(_ body: @escaping @Sendable (consuming Lease) -> Void) async throws {
        let coordinator = coordinator
        let task = Task { () async throws in
            let lease = try await coordinator.acquire()
            body(lease)
        }
        try await finish(task)
    }
}
