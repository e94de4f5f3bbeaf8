// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    static var reconciling: [Case] {
        [
            Case("Strangers' calls are taken off what is left") { bench in
                let worker = try await bench.join([try .minute(100)])
                let grant = try await worker.want(10)
                let mark = try unwrap(grant.marks.first).count
                try expect(mark, 0, "mark before the first permit")
                try await worker.settle(spent: 10)
                try await worker.observe(.throttle, capacity: 100, used: 45, mark: mark + 10)
                try expect(try await bench.limit(.throttle).drift, 35, "drift")
                try expect(try await worker.want(100).count, 55, "granted")
            },
            Case("The largest drift of 3 s counts; then the largest of the smaller ones") { bench in
                let worker = try await bench.join([try .minute(100)])
                _ = try await worker.want(1)
                for (used, drift) in [(40, 40), (10, 40), (20, 40), (5, 40), (8, 20)] as [(Int, Int64)] {
                    try await worker.observe(.throttle, capacity: 100, used: used, mark: 0)
                    try expect(try await bench.limit(.throttle).drift, drift, "drift after a use of \(used)")
                    bench.time.advance(by: .seconds(1))
                }
            },
            Case("A drift counts for a window; then one call finds out") { bench in
                let worker = try await bench.join([try .minute(100)]) { $0.timeToLive = .seconds(3600) }
                try await worker.observe(.throttle, capacity: 100, used: 90, mark: 0)
                bench.time.advance(by: .seconds(59))
                try expect(try await worker.want(1).shortage == nil, "one call is left")
                try await worker.settle(unused: 1)
                bench.time.advance(by: .seconds(1))
                try expect(try await worker.want(50).count, 1, "granted when the drift is old")
                try await worker.exchange { request in
                    request.settlements = [Settlement(tenant: nil, spent: 1, accepted: 1)]
                }
                try expect(try await worker.want(50).count, 50, "granted after an accepted call without news")
            },
            Case("Calls that overtake each other are no strangers once all are settled") { bench in
                let worker = try await bench.join([try .minute(100)])
                _ = try await worker.want(20)
                try await worker.observe(.throttle, capacity: 100, used: 20, mark: 5)
                try expect(try await bench.limit(.throttle).drift, 15, "drift while some are out")
                try await worker.settle(spent: 20)
                try expect(try await bench.limit(.throttle).drift, 0, "drift when all are settled")
            },
            Case("A 429 pauses, adds to the cushion, and counts as an observation; an accepted call ends the pause") {
                bench in
                let worker = try await bench.join([try .minute(1000)])
                let throttle = LimitReference(.product, .throttle)
                _ = try await worker.want(2)
                try await worker.exchange { $0.rejections = [RejectionReport(limit: throttle, mark: 990)] }
                let limit = try await bench.limit(.throttle)
                try expect(limit.cushion, 5_000_000, "cushion, in millionths of a call")
                try expect(limit.drift, 10, "drift")
                try expect((150_000...350_000).contains(limit.pausedFor.microseconds), "a pause of \(limit.pausedFor)")
                try expect(try await worker.want(5).count, 0, "granted in the pause")
                bench.time.advance(by: .milliseconds(400))
                try expect(try await worker.want(5).count, 0, "granted after the pause, with calls out")
                try await worker.settle(spent: 2, accepted: 0)
                try expect(try await worker.want(5).count, 1, "granted after the pause, to find out")
                try await worker.settle(spent: 1)
                try expect(try await bench.limit(.throttle).cushion, 4_995_000, "cushion after one accepted call")
                bench.time.advance(by: .seconds(4))
                try expect(try await worker.want(5).count, 5, "granted once a call was accepted")
            },
            Case("Pauses grow with each 429 that follows another") { bench in
                let worker = try await bench.join([try .minute(1000)])
                var pauses: [Int64] = []
                for _ in 0..<5 {
                    try await worker.exchange { request in
                        request.jitter = 500
                        request.rejections = [RejectionReport(limit: LimitReference(.product, .throttle))]
                    }
                    pauses.append(try await bench.limit(.throttle).pausedFor.microseconds)
                    bench.time.advance(by: .microseconds(pauses.last ?? 0))
                }
                try expect(pauses, [250_000, 500_000, 1_000_000, 2_000_000, 4_000_000], "pauses")
            },
            Case("A wait that the vendor asks for is kept") { bench in
                let worker = try await bench.join([try .paced(20), try .minute(100)])
                for name in [LimitName.spike, .throttle] {
                    try await worker.exchange {
                        $0.rejections = [RejectionReport(limit: LimitReference(.product, name), retryAfter: 5_000_000)]
                    }
                    try expect(try await worker.want(1).count, 0, "granted at once")
                    bench.time.advance(by: .seconds(4))
                    try expect(try await worker.want(1).count, 0, "granted a second too early")
                    bench.time.advance(by: .seconds(1))
                    try expect(try await worker.want(1).count, 1, "granted after the wait")
                    try await worker.settle(spent: 1)
                }
            },
            Case("A 429 of a limit that the budget does not have is a short pause, and no lesson") { bench in
                let worker = try await bench.join([try .minute(100)])
                let before = try await bench.limit(.throttle)
                try await worker.exchange {
                    $0.rejections = [RejectionReport(limit: LimitReference(.product, .spike), count: 5)]
                }
                try expect(try await worker.want(1).count, 0, "granted at once")
                try expect(try await bench.limit(.throttle).cushion, before.cushion, "cushion")
                bench.time.advance(by: .milliseconds(400))
                try expect(try await worker.want(10).count, 10, "granted after the pause")
            },
            Case("If the vendor's newest figures leave less than the own count, one call at a time finds out") {
                bench in
                let worker = try await bench.join([try .minute(100)])
                _ = try await worker.want(60)
                try await worker.settle(spent: 60)
                // More than all our own calls: there are strangers.
                try await worker.observe(.throttle, capacity: 100, used: 75, mark: 60)
                bench.time.advance(by: .seconds(55))
                try await worker.exchange { _ in }
                try await worker.observe(.throttle, capacity: 100, used: 95, mark: 120)
                try expect(try await worker.want(40).count, 5, "granted of what the vendor says is left")
                try expect(try await worker.want(40).count, 0, "granted while those are out")
                try await worker.settle(unused: 5)
                try await worker.observe(.throttle, capacity: 100, used: 100, mark: 120)
                try expect(try await worker.want(40).count, 1, "granted to find out")
                bench.time.advance(by: .seconds(4))
                try await worker.settle(spent: 1)
                try expect(try await worker.want(20).count, 20, "granted when nothing was heard for a while")
            },
            Case("Without strangers the vendor's newest figures take nothing away") { bench in
                let worker = try await bench.join([try .minute(100)])
                _ = try await worker.want(60)
                try await worker.settle(spent: 60)
                try await worker.observe(.throttle, capacity: 100, used: 60, mark: 60)
                try expect(try await worker.want(30).count, 30, "granted")
                try expect(try await worker.want(40).count, 10, "granted while 30 are out, of which the vendor knows")
            },
        ]
    }
}
