// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    /// Values at the ends of what is allowed, and beyond.
    static var extremes: [Case] {
        [
            Case("The largest number of 429s of the largest limit is counted") { bench in
                let most = Limit.maximumCapacity
                let worker = try await bench.join([try .minute(most), try .paced(most)])
                try await worker.exchange { request in
                    request.rejections = [LimitName.throttle, .spike].map {
                        RejectionReport(limit: LimitReference(.product, $0), count: most, retryAfter: 32 * Rules.day)
                    }
                }
                try expect(try await bench.limit(.throttle).cushion, Int64(most) * 500_000, "cushion")
                try await worker.settle(spent: most)
            },
            Case("Settings out of range fail") { bench in
                let sound = LedgerSettings(plan: .keapOAuth)
                let wrong: [@Sendable (inout LedgerSettings) -> Void] = [
                    { $0.tolerance = .max }, { $0.tolerance = -1 }, { $0.timeToLive = .zero },
                    { $0.timeToLive = .seconds(3601) }, { $0.floors.background = .max }, { $0.floors.normal = -1 },
                ]
                for change in wrong {
                    var settings = sound
                    change(&settings)
                    do {
                        _ = try await bench.ledger.join(
                            JoinRequest(
                                instance: try unwrap(InstanceID("worker")), settings: settings, proposedEpoch: 7),
                            in: bench.group)
                    } catch let error as LedgerError where error.code == .invalidRequest {
                        continue
                    }
                    throw Violation(description: "settings out of range were taken")
                }
            },
            Case("A hold without end lasts ten years, one of the past not at all") { bench in
                let worker = try await bench.join([try .minute(10)])
                try await bench.ledger.hold(for: .seconds(Int64.max), in: bench.group)
                try expect(try await bench.status().holdFor.microseconds, 3_650 * Rules.day, "hold")
                try expect(try await worker.want(1).count, 0, "granted")
                try await bench.ledger.hold(for: .seconds(-5), in: bench.group)
                try expect(try await worker.want(1).count, 1, "granted")
            },
            Case("A clock that begins near 0 is a clock") { bench in
                bench.time.advance(by: .microseconds(1_000_000 - bench.time.now))
                let worker = try await bench.join([try .minute(10)])
                _ = try await worker.want(10)
                try await worker.settle(spent: 10)
                try expect(try await worker.want(1).shortage?.availableIn, 60_250_000, "when it is available")
                try await worker.rejoin {
                    $0.history = [SpentCalls(tenant: nil, age: 5_000_000, count: 3, report: $0.sequence)]
                }
                try expect(try await bench.limit(.throttle).spent, 13, "spent")
            },
        ]
    }
}
