// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    /// How the old day's figures meet the new day, and what happens if the vendor rejects though it would serve again.
    static var newDay: [Case] {
        [
            Case("A day that the vendor began before our own turn begins for us as well") { bench in
                let worker = try await bench.join([try .day(100)]) { $0.timeToLive = .seconds(3600) }
                let midnight = bench.time.now + half
                try expect(try await worker.want(90).count, 90, "granted")
                try await worker.settle(spent: 90)
                bench.time.advance(by: .microseconds(half - 500_000))
                try await report(worker, used: 1, mark: 90, expiry: midnight + Rules.day)
                try expect(
                    try await bench.limit(.quota).resetsIn.microseconds, Rules.day + 500_000, "time to the reset")
                try expect(try await worker.want(50).count, 50, "granted of the new day")
                // An answer of the old day that comes late changes neither the end of the new one nor its count.
                try await report(worker, used: 91, mark: 60, expiry: midnight)
                try expect(
                    try await bench.limit(.quota).resetsIn.microseconds, Rules.day + 500_000, "time to the reset")
                try expect(try await bench.limit(.quota).drift, 0, "drift")
            },
            Case("An answer of the day before changes nothing in the new day") { bench in
                let worker = try await bench.join([try .day(100)]) { $0.timeToLive = .seconds(3600) }
                let midnight = bench.time.now + half
                _ = try await worker.want(80)
                try await worker.settle(spent: 78)
                bench.time.advance(by: .microseconds(half + 1_000_000))
                try await worker.settle(spent: 2)
                try await report(worker, used: 99, mark: 1, expiry: midnight)
                try expect(try await bench.limit(.quota).drift, 0, "drift after a figure with the old day's end")
                try await worker.observe(.quota, capacity: 100, used: 99, mark: 79)
                try expect(try await bench.limit(.quota).drift, 0, "drift after a figure with the old day's mark")
                for _ in 0..<5 {
                    try await worker.observe(.quota, capacity: 100, used: 2, mark: 2)
                    bench.time.advance(by: .seconds(10))
                }
                try expect(try await bench.limit(.quota).drift, 0, "drift once new figures were steady")
            },
            Case("A 429 of the day lets one call find out every few minutes, whatever it said of the use") { bench in
                let worker = try await bench.join([try .day(1000)]) { $0.timeToLive = .seconds(3600) }
                let quota = LimitReference(.product, .quota)
                _ = try await worker.want(10)
                try await worker.settle(spent: 10, accepted: 9)
                try await worker.exchange { $0.rejections = [RejectionReport(limit: quota, mark: 10)] }
                bench.time.advance(by: .seconds(200))
                try expect(try await worker.want(5).count, 0, "granted after the 429")
                bench.time.advance(by: .seconds(200))
                try expect(try await worker.want(5).count, 1, "granted as a probe")
                try expect(try await worker.want(5).count, 0, "granted beside the probe")
                try await worker.settle(spent: 1)
                try expect(try await worker.want(5).count, 5, "granted after the probe was accepted")
            },
            Case("A day that only the vendor's figures say is over is tried every five minutes") { bench in
                let worker = try await bench.join([try .day(1000)]) { $0.timeToLive = .seconds(3600) }
                try await worker.observe(.quota, capacity: 1000, used: 1000, mark: 0)
                let short = try unwrap(try await worker.want(5).shortage)
                try expect(short.retryIn, 300_000_000, "when to ask again")
                try expect(short.availableIn, half, "when it is available for sure")
                bench.time.advance(by: .seconds(300))
                for _ in 0..<2 {
                    try expect(try await worker.want(5).count, 1, "granted to find out")
                    try expect(try await worker.want(5).count, 0, "granted beside it")
                    try await worker.settle(spent: 1)
                    try await worker.observe(.quota, capacity: 1000, used: 100, mark: 1)
                    bench.time.advance(by: .seconds(300))
                }
                try expect(try await worker.want(5).count, 5, "granted once the smaller figure was steady")
            },
            Case("A day that our own count says is over is not tried") { bench in
                let worker = try await bench.join([try .day(10)]) { $0.timeToLive = .seconds(3600) }
                _ = try await worker.want(10)
                try await worker.settle(spent: 10)
                bench.time.advance(by: .seconds(900))
                try expect(try await worker.want(1).count, 0, "granted")
            },
        ]
    }

    private static let half = 12 * 3_600_000_000 as Int64

    private static func report(_ worker: BenchInstance, used: Int, mark: Int64, expiry: Int64) async throws {
        try await worker.exchange { request in
            request.observations = [
                Observation(
                    limit: LimitReference(.product, .quota), capacity: 100, used: used, mark: mark, expiry: expiry)
            ]
        }
    }
}
