// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    static var joining: [Case] {
        [
            Case("An exchange says how many instances are alive") { bench in
                let workers = [try await bench.join([try .minute(10)]), try await bench.join([try .minute(10)])]
                try expect(try await workers[0].exchange { _ in }.members, 2, "members after two joins")
                try await workers[1].exchange { $0.isLast = true }
                bench.time.advance(by: .seconds(2))
                try expect(try await workers[0].exchange { _ in }.members, 1, "members after one has ended")
                _ = try await bench.join([try .minute(10)])
                for _ in 0..<6 {
                    bench.time.advance(by: .seconds(2))
                    try await workers[0].exchange { _ in }
                }
                try expect(try await workers[0].exchange { _ in }.members, 1, "members after one expired")
            },
            Case("A ledger takes the epoch of its first join and keeps it") { bench in
                let settings = LedgerSettings(plan: .keapOAuth)
                let first = try unwrap(InstanceID("first"))
                let second = try unwrap(InstanceID("second"))
                let begun = try await bench.ledger.join(
                    JoinRequest(instance: first, settings: settings, proposedEpoch: 7), in: bench.group)
                let joined = try await bench.ledger.join(
                    JoinRequest(instance: second, settings: settings, proposedEpoch: 8), in: bench.group)
                try expect(begun, JoinReply(epoch: 7, isNew: true, aliveFor: 10_000_000), "the first join's reply")
                try expect(joined, JoinReply(epoch: 7, isNew: false, aliveFor: 10_000_000), "the second join's reply")
            },
            Case("What an instance says to hold when it joins is outstanding, once") { bench in
                let tenant = try unwrap(Tenant("ab123"))
                let settings = LedgerSettings(plan: .keapOAuth)
                let request = JoinRequest(
                    instance: try unwrap(InstanceID("holder")), settings: settings, proposedEpoch: 7,
                    permits: [TenantPermits(tenant: tenant, count: 3), TenantPermits(tenant: nil, count: 2)])
                for _ in 0..<2 {
                    _ = try await bench.ledger.join(request, in: bench.group)
                    let status = try await bench.status(tenants: [tenant])
                    try expect(status.budgets.map(\.outstanding), [5, 3], "outstanding")
                    try expect(status.instances.map(\.permits), [5], "permits")
                }
            },
            Case("Permits of a tenant that a join did not name end as permits that name none") { bench in
                let (named, other) = (try unwrap(Tenant("ab123")), try unwrap(Tenant("cd456")))
                let settings = LedgerSettings(plan: .keapOAuth)
                let id = try unwrap(InstanceID("many"))
                let request = JoinRequest(
                    instance: id, settings: settings, proposedEpoch: 7,
                    permits: [TenantPermits(tenant: named, count: 3), TenantPermits(tenant: nil, count: 4)])
                _ = try await bench.ledger.join(request, in: bench.group)
                let instance = BenchInstance(bench: bench, id: id, settings: settings, epoch: 7)
                func outstanding() async throws -> [Int64] {
                    try await bench.status(tenants: [named, other]).budgets.map(\.outstanding)
                }
                try await instance.exchange { $0.settlements = [Settlement(tenant: other, spent: 2, unused: 1)] }
                try expect(try await outstanding(), [4, 3, 0], "outstanding after three of the other tenant")
                try await instance.exchange { $0.settlements = [Settlement(tenant: other, spent: 2)] }
                try expect(try await outstanding(), [3, 3, 0], "outstanding after more than there were")
                try await instance.exchange { $0.settlements = [Settlement(tenant: named, spent: 4)] }
                try expect(try await outstanding(), [0, 0, 0], "outstanding at the end")
            },
            Case(
                "Calls of a day that are reported late were in the vendor's count already: they make the drift smaller"
            ) { bench in
                let settings = LedgerSettings(plan: try Plan(name: "day", productLimits: [try .day(1000)]))
                func join(_ name: String) async throws -> BenchInstance {
                    let id = try unwrap(InstanceID(name))
                    let request = JoinRequest(
                        instance: id, settings: settings, proposedEpoch: 9, knownEpoch: 5,
                        history: [SpentCalls(tenant: nil, age: 1_000_000, count: 300)])
                    _ = try await bench.ledger.join(request, in: bench.group)
                    return BenchInstance(bench: bench, id: id, settings: settings, epoch: 9)
                }
                let first = try await join("first")
                try await first.observe(.quota, capacity: 1000, used: 600, mark: 300)
                try expect(try await bench.limit(.quota).drift, 300, "drift before the second has reported")
                let second = try await join("second")
                try expect(try await bench.limit(.quota).drift, 0, "drift when both have reported")
                try await second.observe(.quota, capacity: 1000, used: 600, mark: 300)
                try expect(try await bench.limit(.quota).drift, 0, "drift by a permit that was granted before")
                try expect(try await second.want(500).count, 400, "granted of what is left")
            },
            Case("A new account waits for all who knew the lost one, if the vendor reports nothing") { bench in
                let settings = LedgerSettings(plan: try Plan(name: "minute", productLimits: [try .minute(100)]))
                let worker = BenchInstance(
                    bench: bench, id: try unwrap(InstanceID("first")), settings: settings, epoch: 9)
                let request = JoinRequest(instance: worker.id, settings: settings, proposedEpoch: 9, knownEpoch: 5)
                _ = try await bench.ledger.join(request, in: bench.group)
                // Probes, one at a time.
                for _ in 0..<5 {
                    try expect(try await worker.want(5).count, 1, "granted while others may have to report")
                    try await worker.settle(spent: 1)
                    bench.time.advance(by: .milliseconds(500))
                }
                bench.time.advance(by: .milliseconds(500))
                try expect(try await worker.want(5).count, 1, "granted to the last probe")
                try await worker.settle(spent: 1)
                try expect(try await worker.want(5).count, 5, "granted after all can have reported")
            },
            Case("A newer configuration replaces the capacity and keeps the counts") { bench in
                let worker = try await bench.join([try .minute(100)])
                try expect(try await worker.want(40).count, 40, "granted")
                let other = try await bench.join([try .minute(50)], learned: false)
                try expect(try await other.want(40).count, 10, "granted of the smaller limit")
            },
        ]
    }
}

extension Limit {
    static func minute(_ capacity: Int, ceiling: Int? = nil) throws -> Limit {
        try Limit(.throttle, capacity: capacity, window: .rolling(.seconds(60)), ceiling: ceiling)
    }
    static func day(_ capacity: Int) throws -> Limit { try Limit(.quota, capacity: capacity, window: .day) }
    static func paced(_ capacity: Int) throws -> Limit {
        try Limit(.spike, capacity: capacity, window: .paced(.seconds(1)))
    }
}
