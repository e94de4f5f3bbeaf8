// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    static var days: [Case] {
        [
            Case("A day ends at 00:00 UTC; what is outstanding then counts in the new one") { bench in
                let worker = try await bench.join([try .day(100)]) { $0.timeToLive = .seconds(3600) }
                try expect(try await worker.want(90).count, 90, "granted")
                try await worker.settle(spent: 60)
                bench.time.advance(by: .seconds(12 * 3600 - 1))
                try await keepAlive(worker)
                try expect(try await bench.limit(.quota).resetsIn.microseconds, 1_000_000, "time to the reset")
                try expect(try await worker.want(20).count, 10, "granted before the turn")
                bench.time.advance(by: .seconds(1))
                try expect(try await worker.want(100).count, 60, "granted after the turn, with 40 outstanding")
            },
            Case("The vendor's expiry moves the day's end, by the vendor's clock, if it is plausible") { bench in
                let worker = try await bench.join([try .day(100)])
                let midnight = bench.time.now + 12 * 3_600_000_000
                func report(expiry: Int64, date: Int64?) async throws -> Int64 {
                    try await worker.exchange { request in
                        request.observations = [
                            Observation(
                                limit: LimitReference(.product, .quota), capacity: 100, expiry: expiry, date: date,
                                age: 1_000)
                        ]
                    }
                    return try await bench.limit(.quota).resetsIn.microseconds
                }
                let half = 12 * 3_600_000_000 as Int64
                try expect(
                    try await report(expiry: midnight - 50 * 3_600_000_000, date: nil), half, "after a past expiry")
                try expect(
                    try await report(expiry: midnight + 50 * 3_600_000_000, date: nil), half, "after a far expiry")
                let late = try await report(expiry: midnight, date: bench.time.now - 5_000_000)
                try expect(late, half + 5_000_000 - 1_000, "with a vendor whose clock is 5 s behind")
            },
            Case("A day's smaller drift counts once it was steady for 30 s") { bench in
                let worker = try await bench.join([try .day(1000)])
                try await worker.observe(.quota, capacity: 1000, used: 300, mark: 0)
                try expect(try await bench.limit(.quota).drift, 300, "drift at once")
                for _ in 0..<3 {
                    try await worker.observe(.quota, capacity: 1000, used: 250, mark: 0)
                    try expect(try await bench.limit(.quota).drift, 300, "drift before it was steady")
                    bench.time.advance(by: .seconds(10))
                }
                try await worker.observe(.quota, capacity: 1000, used: 250, mark: 0)
                try expect(try await bench.limit(.quota).drift, 250, "drift once it was steady")
            },
            Case("A day's end is no reason to give up while others may still give back what they hold") { bench in
                let first = try await bench.join([try .day(10)])
                let second = try await bench.join([try .day(10)])
                _ = try await first.want(10)
                let waiting = try unwrap(try await second.want(1).shortage)
                try expect(waiting.availableIn <= 250_000, "a wait of \(waiting.availableIn) microseconds")
                try await first.settle(spent: 10)
                let exhausted = try unwrap(try await second.want(1).shortage)
                try expect(exhausted.availableIn, 12 * 3_600_000_000, "when it is available, all being spent")
            },
            Case(
                "A day's drift of calls that overtook each other goes when nothing is out for 30 s, without another call"
            ) { bench in
                let worker = try await bench.join([try .day(100)]) { $0.timeToLive = .seconds(3600) }
                _ = try await worker.want(20)
                try await worker.observe(.quota, capacity: 100, used: 60, mark: 15)
                try await worker.settle(spent: 20)
                try expect(try await bench.limit(.quota).drift, 45, "drift at once")
                bench.time.advance(by: .seconds(30))
                try expect(try await worker.want(100).count, 40, "granted after 30 s")
            },
            Case("A 429 of the day holds until the day turns, but for single probes") { bench in
                let worker = try await bench.join([try .day(100)]) { $0.timeToLive = .seconds(3600) }
                let quota = LimitReference(.product, .quota)
                try await worker.exchange { $0.rejections = [RejectionReport(limit: quota)] }
                let grant = try await worker.want(5)
                try expect(grant.count, 0, "granted after the 429")
                try expect(grant.shortage?.cause, .limit(quota), "what is short")
                try expect(grant.shortage?.availableIn, 12 * 3_600_000_000, "when it is available")
                bench.time.advance(by: .seconds(400))
                try expect(try await worker.want(5).count, 1, "granted as a probe")
                try expect(try await worker.want(5).count, 0, "granted beside the probe")
                try await worker.settle(spent: 1)
                try expect(try await worker.want(5).count, 5, "granted after the probe was accepted")
            },
        ]
    }

    private static func keepAlive(_ worker: BenchInstance) async throws {
        guard case .unknownInstance = try await worker.reply({ _ in }) else { return }
        throw Violation(description: "an instance was forgotten though nobody looked for expired ones")
    }
}
