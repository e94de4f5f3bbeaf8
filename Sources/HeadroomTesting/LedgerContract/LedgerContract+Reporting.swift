// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    /// What an instance spent is counted once, whichever of its reports an account has heard.
    static var reporting: [Case] {
        [
            Case("What was spent before counts where the ledger lost its memory, and only there") { bench in
                let worker = try await bench.join([try .minute(100), try .day(1000)])
                let history = [
                    SpentCalls(tenant: nil, age: 30_000_000, count: 20, report: 4),
                    SpentCalls(tenant: nil, age: 61_000_000, count: 9, report: 3),
                ]
                for (known, spent) in [(0, 0), (worker.epoch + 1, 20), (worker.epoch, 20)] as [(Int64, Int64)] {
                    let request = JoinRequest(
                        instance: try unwrap(InstanceID("newcomer")), settings: worker.settings, proposedEpoch: 9,
                        knownEpoch: known, sequence: known == 0 ? 1 : 5, history: known == 0 ? [] : history)
                    _ = try await bench.ledger.join(request, in: bench.group)
                    try expect(
                        try await bench.limit(.throttle).spent, spent, "spent of the minute, knowing epoch \(known)")
                }
                try expect(try await bench.limit(.quota).spent, 29, "spent of the day")
                bench.time.advance(by: .seconds(30))
                try expect(try await bench.limit(.throttle).spent, 20, "spent just before it leaves")
                bench.time.advance(by: .milliseconds(500))
                try expect(try await bench.limit(.throttle).spent, 0, "spent after it left")
            },
            Case("A join of an instance that knew no account tells of nothing") { bench in
                let worker = try await bench.join([try .minute(100)])
                try await worker.rejoin(epoch: 0) {
                    $0.history = [SpentCalls(tenant: nil, age: 0, count: 20, report: $0.sequence)]
                }
                try expect(try await bench.limit(.throttle).spent, 0, "spent")
            },
            Case("Of an instance's reports those count that the account has not heard, and each once") { bench in
                let worker = try await bench.join([try .minute(100)])
                // The third report: after the join and what the ledger has learned.
                try await worker.settle(spent: 5)
                let history = (Int64(1)...6).reversed().map {
                    SpentCalls(tenant: nil, age: 1_000_000, count: 1 << Int($0), report: $0)
                }
                let request = JoinRequest(
                    instance: worker.id, settings: worker.settings, proposedEpoch: 9, knownEpoch: worker.epoch,
                    sequence: 6, history: history)
                for missed in [Int64(2), 0, 0] {
                    let reply = try await bench.ledger.join(request, in: bench.group)
                    try expect(reply.missed, missed, "reports that the account had not heard")
                    let spent = try await bench.limit(.throttle).spent
                    try expect(spent, 5 + 16 + 32 + 64, "spent after reports 4, 5 and 6")
                }
                // Its numbers go on.
                var next = request
                next.sequence = 7
                next.history.insert(SpentCalls(tenant: nil, age: 0, count: 3, report: 7), at: 0)
                try expect(try await bench.ledger.join(next, in: bench.group).missed, 0, "reports not heard")
                try expect(try await bench.limit(.throttle).spent, 5 + 16 + 32 + 64 + 3, "spent after report 7")
            },
            Case("After a join, exchanges go on from its number; one that has it is unknown") { bench in
                let worker = try await bench.join([try .minute(100)])
                try await worker.rejoin { $0.sequence = 40 }
                for (sequence, isDone) in [(Int64(40), false), (3, false), (42, false), (41, true), (41, true)] {
                    let reply = try await worker.reply(sequence: sequence) { _ in }
                    try expect(reply != .unknownInstance, isDone, "whether exchange \(sequence) after join 40 is done")
                }
            },
            Case("Which reports of an expired instance were heard is known when it joins again") { bench in
                let worker = try await bench.join([try .minute(100), try .day(1000)])
                try await worker.settle(spent: 20)
                try expect(try await worker.want(3).count, 3, "granted")
                let other = try await bench.join([try .minute(100), try .day(1000)])
                bench.time.advance(by: .seconds(30))
                try await other.exchange { _ in }
                try expect(try await bench.status().instances.count, 1, "instances")
                let reply = try await worker.rejoin {
                    $0.history = [
                        SpentCalls(tenant: nil, age: 29_000_000, count: 7, report: 5),
                        SpentCalls(tenant: nil, age: 30_000_000, count: 20, report: 3),
                    ]
                }
                try expect(reply, JoinReply(epoch: 42, isNew: false, aliveFor: 10_000_000), "the reply")
                try expect(
                    try await bench.status().budgets.first?.limits.map(\.spent), [30, 30],
                    "spent: the settled ones, those that expired with it, and those of its newest report")
            },
            Case("An instance that expires twice is known by its newest report") { bench in
                let worker = try await bench.join([try .minute(1000)])
                let other = try await bench.join([try .minute(1000)])
                for _ in 0..<2 {
                    try await worker.settle(spent: 10)
                    bench.time.advance(by: .seconds(11))
                    _ = try? await other.exchange { _ in }
                    try await worker.rejoin {
                        $0.history = [SpentCalls(tenant: nil, age: 0, count: 10, report: $0.sequence - 1)]
                    }
                }
                try expect(try await bench.limit(.throttle).spent, 20, "spent")
            },
            Case("Of many that expired the newest are known; of all others everything counts again") { bench in
                let worker = try await bench.join([try .minute(100_000)]) { $0.timeToLive = .seconds(1) }
                func join(_ number: Int) async throws -> JoinReply {
                    let request = JoinRequest(
                        instance: try unwrap(InstanceID("i\(number)")), settings: worker.settings, proposedEpoch: 9,
                        knownEpoch: worker.epoch, sequence: 1,
                        history: [SpentCalls(tenant: nil, age: 0, count: 1, report: 1)])
                    return try await bench.ledger.join(request, in: bench.group)
                }
                // One after the other, and so many that the oldest of the list are dropped once: 16 of them.
                let count = Rules.expiredMaximum + 1
                for number in 0..<count {
                    _ = try await join(number)
                    bench.time.advance(by: .seconds(2))
                }
                bench.time.advance(by: .seconds(90))
                for number in [count - 1, count - 2, Rules.expiredDropped + 2] {
                    _ = try await join(number)
                    try expect(try await bench.limit(.throttle).spent, 0, "spent after number \(number) is back")
                }
                for number in 0..<3 {
                    _ = try await join(number)
                    try expect(try await bench.limit(.throttle).spent, Int64(number) + 1, "spent after \(number)")
                }
            },
            Case("A limit whose window changes keeps what was spent") { bench in
                func limits(_ seconds: Int) throws -> [Limit] {
                    [try Limit(.throttle, capacity: 100, window: .rolling(.seconds(seconds)))]
                }
                let worker = try await bench.join(try limits(10))
                for count in 1...4 {
                    try await worker.settle(spent: count)
                    bench.time.advance(by: .milliseconds(1_500))
                }
                try expect(try await worker.want(20).count, 20, "granted")
                for (seconds, spent) in [(11, 10), (10, 10), (60, 10), (4, 7)] as [(Int, Int64)] {
                    _ = try await bench.join(try limits(seconds), learned: false)
                    try expect(try await bench.limit(.throttle).spent, spent, "spent of \(seconds) s")
                    try expect(try await bench.status().budgets[0].outstanding, 20, "outstanding")
                }
                try await worker.settle(unused: 20)
                _ = try await bench.join(try limits(11), learned: false)
                bench.time.advance(by: .seconds(9))
                try expect(try await bench.limit(.throttle).spent, 4, "spent when all but the last have left")
                bench.time.advance(by: .milliseconds(1_500))
                try expect(try await bench.limit(.throttle).spent, 0, "spent when all have left")
            },
            Case("A history that is not in order, or tells of reports to come, is invalid") { bench in
                let worker = try await bench.join([try .minute(100)])
                for reports in [[Int64(1), 2], [4, 3], [0], [3, 2, 3]] {
                    do {
                        try await worker.rejoin { request in
                            request.sequence = 3
                            request.history = reports.map {
                                SpentCalls(tenant: nil, age: 0, count: 1, report: $0)
                            }
                        }
                    } catch let error as LedgerError where error.code == .invalidRequest {
                        continue
                    }
                    throw Violation(description: "a history with reports \(reports) was taken by join 3")
                }
            },
        ]
    }
}
