// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    static var exchanging: [Case] {
        [
            Case("Nothing is granted beyond the capacity, whoever asks") { bench in
                let first = try await bench.join([try .minute(10)])
                let second = try await bench.join([try .minute(10)])
                try expect(try await first.want(7).count, 7, "granted to the first")
                let grant = try await second.want(7)
                try expect(grant.count, 3, "granted to the second")
                try expect(grant.shortage?.cause, .limit(LimitReference(.product, .throttle)), "what is short")
                try expect(grant.marks, [Mark(limit: LimitReference(.product, .throttle), count: 7)], "marks")
            },
            Case("A call counts from its grant until a window after it was settled, not less and hardly more") {
                bench in
                let worker = try await bench.join([try .minute(10)])
                _ = try await worker.want(10)
                for _ in 0..<6 {
                    bench.time.advance(by: .seconds(9))
                    try expect(try await worker.want(1).count, 0, "granted while all is outstanding")
                }
                try await worker.settle(spent: 10)
                bench.time.advance(by: .seconds(8))
                for _ in 0..<6 {
                    try expect(try await worker.want(1).count, 0, "granted within the window")
                    bench.time.advance(by: .milliseconds(8_666))
                }
                let grant = try await worker.want(1)
                try expect(grant.count, 0, "granted just before the window is over")
                bench.time.advance(by: .microseconds(try unwrap(grant.shortage?.availableIn)))
                try expect(try await worker.want(10).count, 10, "granted when the ledger said it would be")
            },
            Case("Permits that were not used come back at once") { bench in
                let worker = try await bench.join([try .minute(10), try .day(10)])
                _ = try await worker.want(10)
                try await worker.settle(spent: 4, unused: 6)
                try expect(try await worker.want(10).count, 6, "granted")
            },
            Case("A repeated exchange returns what the first one did, and counts once") { bench in
                let worker = try await bench.join([try .paced(10), try .minute(100)])
                func exchange() async throws -> Exchange {
                    let reply = try await worker.reply(sequence: 3) { request in
                        request.settlements = [Settlement(tenant: nil, spent: 1, accepted: 1)]
                        request.wants = [Want(priority: .interactive, count: 2)]
                    }
                    guard case .done(let exchange) = reply else { throw Violation(description: "unknown instance") }
                    return exchange
                }
                let first = try await exchange()
                bench.time.advance(by: .milliseconds(40))
                let second = try await exchange()
                try expect(second.grants.map(\.count), first.grants.map(\.count), "permits")
                try expect(second.grants.map(\.marks), first.grants.map(\.marks), "marks")
                try expect(second.grants[0].slot, max(0, first.grants[0].slot - 40_000), "slot, from now")
                try expect(second.aliveFor, first.aliveFor - 40_000, "time to live, from now")
                let budget = try unwrap(try await bench.status().budgets.first)
                try expect(budget.outstanding, 2, "outstanding")
                try expect(budget.limits.map(\.spent), [0, 1], "spent")
            },
            Case("A gap in the sequence, another epoch and an unknown instance change nothing") { bench in
                let worker = try await bench.join([try .minute(100)])
                for (sequence, epoch) in [(2, 41), (4, 42), (5, 42), (1, 42)] as [(Int64, Int64)] {
                    let reply = try await worker.reply(sequence: sequence, epoch: epoch) { $0.wants = [Want(count: 1)] }
                    try expect(reply, .unknownInstance, "the reply to sequence \(sequence) in epoch \(epoch)")
                }
                try expect(try await bench.status().budgets.map(\.outstanding), [0], "outstanding")
            },
            Case("The permits of an expired instance count as spent from then on, and cannot be given back") { bench in
                let expiring = try await bench.join([try .minute(20)])
                let other = try await bench.join([try .minute(20)])
                _ = try await expiring.want(8)
                for _ in 0..<9 {
                    bench.time.advance(by: .seconds(1))
                    try await other.exchange { _ in }
                }
                try expect(try await bench.limit(.throttle).spent, 0, "spent within the time to live")
                bench.time.advance(by: .seconds(2))
                try await other.exchange { _ in }
                let status = try await bench.status()
                try expect(status.budgets.map(\.outstanding), [0], "outstanding")
                try expect(status.budgets[0].limits.map(\.spent), [8], "spent")
                try expect(status.instances.map(\.id), [other.id.text], "alive")
                let late = try await expiring.reply { $0.settlements = [Settlement(tenant: nil, unused: 8)] }
                try expect(late, .unknownInstance, "the reply to the expired one")
                try expect(try await other.want(20).count, 12, "granted to the other")
            },
            Case("An instance that ends leaves nothing outstanding") { bench in
                let worker = try await bench.join([try .minute(20)])
                let other = try await bench.join([try .minute(20)])
                _ = try await worker.want(8)
                try await worker.exchange { request in
                    request.isLast = true
                    request.settlements = [Settlement(tenant: nil, spent: 2, accepted: 2, unused: 5)]
                }
                try expect(try await other.want(20).count, 17, "granted: two are spent, one was never settled")
                try expect(try await bench.status().instances.count, 1, "instances")
            },
            Case("A call draws on its tenant's budget as well, all or nothing") { bench in
                let (first, second) = (try unwrap(Tenant("first")), try unwrap(Tenant("second")))
                let worker = try await bench.join([try .minute(10)], tenantLimits: [try .minute(4)])
                try await worker.learn(tenant: first)
                try await worker.learn(tenant: second)
                let grant = try await worker.want(6, tenant: first)
                try expect(grant.count, 4, "granted of the first tenant's")
                try expect(grant.shortage?.cause, .limit(LimitReference(.tenant(first), .throttle)), "what is short")
                try expect(try await worker.want(4, tenant: second).count, 4, "granted of the second tenant's")
                try expect(try await worker.want(4).count, 2, "granted of the product's")
                let status = try await bench.status(tenants: [first, second])
                try expect(status.budgets.map(\.outstanding), [10, 4, 4], "outstanding")
            },
            Case("A request out of range fails, and changes nothing") { bench in
                let worker = try await bench.join([try .minute(10)])
                let before = try await bench.status()
                let wrong: [@Sendable (inout ExchangeRequest) -> Void] = [
                    { $0.wants = [Want(count: 0)] }, { $0.wants = [Want(count: -1)] }, { $0.jitter = 1000 },
                    { $0.settlements = [Settlement(tenant: nil, spent: 1, accepted: 2)] },
                    { $0.settlements = [Settlement(tenant: nil, unused: .max)] },
                    { $0.pooled = -1 }, { $0.wants = Array(repeating: Want(), count: 257) },
                ]
                for change in wrong {
                    do {
                        _ = try await worker.reply(sequence: 3, change)
                    } catch let error as LedgerError where error.code == .invalidRequest {
                        continue
                    }
                    throw Violation(description: "a request out of range was taken")
                }
                try expect(try await bench.status(), before, "status")
            },
        ]
    }
}
