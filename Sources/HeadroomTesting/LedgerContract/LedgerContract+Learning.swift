// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    static var learning: [Case] {
        [
            Case("A new ledger probes with one call at a time until the vendor has reported its count") { bench in
                let first = try await bench.join([try .minute(100)], learned: false)
                let second = try await bench.join([try .minute(100)], learned: false)
                try expect(try await first.want(10).count, 1, "granted to the first")
                let grant = try await second.want(10)
                try expect(grant.count, 0, "granted to the second")
                try expect(grant.shortage?.cause, .learning, "what is short")
                try await first.exchange { request in
                    request.settlements = [Settlement(tenant: nil, spent: 1, accepted: 1)]
                    request.observations = [
                        Observation(limit: LimitReference(.product, .throttle), capacity: 100, used: 81, mark: 1)
                    ]
                }
                try expect(try await second.want(100).count, 19, "granted once it is known")
            },
            Case("A vendor that reports nothing is known after three calls") { bench in
                let worker = try await bench.join([try .minute(100)], learned: false)
                for _ in 0..<3 {
                    try expect(try await worker.want(10).count, 1, "granted")
                    try await worker.settle(spent: 1)
                }
                try expect(try await worker.want(10).count, 10, "granted after three calls")
            },
            Case("A capacity that three observations agree on replaces the configured one, up to the ceiling") {
                bench in
                let worker = try await bench.join([try .minute(100, ceiling: 150)])
                for (reported, capacity) in [(120, 100), (120, 100), (110, 100), (120, 100), (120, 100), (120, 120)] {
                    try await worker.observe(.throttle, capacity: reported, used: 0, mark: 0)
                    try expect(try await bench.limit(.throttle).capacity, Int64(capacity), "capacity after \(reported)")
                }
                for _ in 0..<3 { try await worker.observe(.throttle, capacity: 900, used: 0, mark: 0) }
                try expect(try await bench.limit(.throttle).capacity, 150, "capacity at the ceiling")
                try expect(try await bench.limit(.throttle).configured, 100, "configured capacity")
            },
            Case("A limit first seen in a header comes into being") { bench in
                let tenant = try unwrap(Tenant("ab123"))
                let worker = try await bench.join([try .minute(100)])
                _ = try await worker.want(1, tenant: tenant)
                let day = LimitReference(.tenant(tenant), .quota)
                try await worker.exchange {
                    $0.observations = [Observation(limit: day, window: .day, capacity: 50, used: 48, mark: 1)]
                }
                try expect(try await worker.want(10, tenant: tenant).count, 2, "granted of the tenant's day")
                try expect(try await bench.limit(.quota, of: tenant).configured, 0, "configured capacity")
            },
        ]
    }
}
