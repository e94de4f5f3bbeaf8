// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    static var pacing: [Case] {
        [
            Case("Slots of one schedule are shared by all: (1 + margin) / rate apart") { bench in
                let first = try await bench.join([try .paced(20)])
                let second = try await bench.join([try .paced(20)])
                bench.time.advance(by: .seconds(1))
                var slots: [Int64] = []
                let start = bench.time.now
                for worker in [first, second, first, second] {
                    let grant = try await worker.want(2)
                    for position in 0..<Int64(grant.count) {
                        slots.append(bench.time.now - start + grant.slot + position * grant.spacing / 1000)
                    }
                    bench.time.advance(by: .milliseconds(90))
                }
                let gaps = zip(slots, slots.dropFirst()).map { $1 - $0 }
                try expect(slots.count >= 6, "only \(slots.count) slots in 360 ms")
                try expect(gaps.allSatisfy { (51_000...53_000).contains($0) }, "slots are \(gaps) microseconds apart")
            },
            Case("Slots leave room for who has missed a heartbeat, until it is forgotten") { bench in
                let worker = try await bench.join([try .paced(20)])
                _ = try await bench.join([try .paced(20)])
                func spacing() async throws -> Int64 {
                    let grant = try await worker.want(1)
                    try await worker.settle(unused: grant.count)
                    return grant.spacing / 10_000_000
                }
                for _ in 0..<1 { bench.time.advance(by: .milliseconds(1_200)); try await worker.exchange { _ in } }
                try expect(try await spacing(), 5, "hundredths of a second between slots")
                for _ in 0..<3 { bench.time.advance(by: .milliseconds(1_200)); try await worker.exchange { _ in } }
                try expect(try await spacing(), 10, "hundredths of a second between slots, with one suspect")
                for _ in 0..<4 { bench.time.advance(by: .milliseconds(1_200)); try await worker.exchange { _ in } }
                try expect(try await spacing(), 5, "hundredths of a second between slots, with one forgotten")
            },
            Case("Slots leave room for instances in fallback, and for departed ones while strangers call") {
                bench in
                let limits = [try Limit.paced(20), try .minute(100)]
                let worker = try await bench.join(limits)
                let other = try await bench.join(limits)
                func spacing() async throws -> Int64 {
                    let grant = try await worker.want(1)
                    try await worker.settle(unused: grant.count)
                    return grant.spacing / 10_000_000
                }
                func join(isInFallback: Bool) async throws {
                    try await other.rejoin { $0.isInFallback = isInFallback }
                }
                for used in 0..<8 {
                    bench.time.advance(by: .milliseconds(1_500))
                    try await worker.observe(.throttle, capacity: 100, used: 10 + used, mark: 1)
                }
                try expect(try await spacing(), 10, "hundredths of a second between slots, with one forgotten")
                try await join(isInFallback: true)
                try expect(
                    try await spacing(), 10, "hundredths of a second between slots, with one back that is in fallback")
                try await join(isInFallback: false)
                try expect(try await spacing(), 5, "hundredths of a second between slots, with both")
            },
            Case("An instance holds at most its share of the next quarter of a second, at least one") { bench in
                let first = try await bench.join([try .paced(20)])
                let second = try await bench.join([try .paced(20)])
                bench.time.advance(by: .seconds(1))
                try await second.exchange { $0.wants = [Want(count: 1000)] }
                bench.time.advance(by: .seconds(1))
                try expect(try await first.want(10).count, 2, "granted of four slots to one of two")
                try expect(try await first.want(10, pooled: 2).count, 0, "granted to one that holds its share")
                try expect(try await second.want(10).count, 2, "granted to the other")
                try expect(try await second.want(10, priority: .normal, pooled: 2).count, 0, "granted beyond its share")
            },
            Case("An interactive caller reaches beyond the horizon, one slot at a time, not far") { bench in
                let worker = try await bench.join([try .paced(20)])
                let other = try await bench.join([try .paced(20)])
                bench.time.advance(by: .seconds(1))
                for _ in 0..<8 { _ = try await other.want(10, priority: .normal) }
                var last: Int64 = 0
                for _ in 0..<20 {
                    let grant = try await worker.want(1)
                    if grant.count > 0 { last = grant.slot }
                }
                try expect((400_000...560_000).contains(last), "the last slot is \(last) microseconds ahead")
            },
            Case("An instance that knows its turn has it, whoever else comes") { bench in
                let workers = try await many(12, bench)
                bench.time.advance(by: .seconds(1))
                var granted = Array(repeating: 0, count: workers.count)
                var retryAt = Array(repeating: bench.time.now, count: workers.count)
                for _ in 0..<6000 {
                    bench.time.advance(by: .milliseconds(1))
                    for (index, worker) in workers.enumerated() where bench.time.now >= retryAt[index] {
                        let grant = try await worker.want(4, priority: .normal)
                        granted[index] += grant.count
                        retryAt[index] = bench.time.now + (grant.shortage?.retryIn ?? 0) + grant.slot
                    }
                }
                let total = granted.reduce(0, +)
                try expect((110...125).contains(total), "\(total) slots in 6 s at 20 a second")
                try expect((granted.max() ?? 0) - (granted.min() ?? 0) <= 4, "shares are \(granted)")
            },
            Case("An uncontended instance gets the slots for whichever of its callers wants them") { bench in
                let worker = try await bench.join([try .paced(1000)], tenantLimits: [try .minute(100_000)])
                let tenants = (0..<4).compactMap { Tenant("tenant-\($0)") }
                for tenant in tenants { try await worker.learn(tenant: tenant) }
                var granted = 0
                for _ in 0..<100 {
                    bench.time.advance(by: .milliseconds(10))
                    let exchange = try await worker.exchange { request in
                        request.wants = tenants.map { Want(tenant: $0, count: 50) }
                        request.settlements = tenants.map { Settlement(tenant: $0, unused: 1000) }
                    }
                    granted += exchange.grants.reduce(0) { $0 + $1.count }
                }
                try expect(granted > 900, "only \(granted) of a thousand slots a second")
            },
            Case("A 429 of the spike widens the margin, accepted calls narrow it") { bench in
                let worker = try await bench.join([try .paced(20)])
                let before = try await bench.limit(.spike).cushion
                try await worker.exchange { $0.rejections = [RejectionReport(limit: LimitReference(.product, .spike))] }
                try expect(try await bench.limit(.spike).cushion, before + 20_000, "margin after a 429")
                try await worker.settle(spent: 100)
                try expect(try await bench.limit(.spike).cushion, before + 18_000, "margin after 100 accepted calls")
                try await worker.settle(spent: 10_000)
                try expect(try await bench.limit(.spike).cushion, 20_000, "least margin")
            },
            Case("A weight larger than the slots of the horizon wastes none of them") { bench in
                let worker = try await bench.join([try .paced(20)], weight: 100)
                bench.time.advance(by: .seconds(1))
                var (total, retryAt) = (0, bench.time.now)
                for _ in 0..<6000 {
                    bench.time.advance(by: .milliseconds(1))
                    guard bench.time.now >= retryAt else { continue }
                    let grant = try await worker.want(100, priority: .normal)
                    total += grant.count
                    retryAt = bench.time.now + (grant.shortage?.retryIn ?? 0)
                }
                try expect((110...125).contains(total), "\(total) slots in 6 s at 20 a second")
            },
            Case("Places in the order that nobody comes for waste no slots") { bench in
                let workers = try await many(40, bench)
                bench.time.advance(by: .seconds(1))
                for _ in 0..<3 {
                    for worker in workers { _ = try await worker.want(100, priority: .normal) }
                }
                bench.time.advance(by: .seconds(1))
                try expect(try await workers[39].want(1, priority: .normal).count, 1, "granted of an idle schedule")
            },
        ]
    }

    private static func many(_ count: Int, _ bench: LedgerBench) async throws -> [BenchInstance] {
        var workers: [BenchInstance] = []
        for index in 0..<count {
            workers.append(
                try await bench.join([try .paced(20)], learned: index == 0) { $0.timeToLive = .seconds(3600) })
        }
        return workers
    }
}
