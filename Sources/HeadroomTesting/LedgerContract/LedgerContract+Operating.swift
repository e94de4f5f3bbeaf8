// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    static var operating: [Case] {
        [
            Case("Background leaves the last fifth of a window and of the day, normal its own floor") { bench in
                for limit in [try Limit.minute(100), try .day(100)] {
                    let worker = try await bench.join([limit]) { $0.floors.normal = 100 }
                    try expect(try await worker.want(100, priority: .background).count, 80, "granted to background")
                    try expect(try await worker.want(100, priority: .normal).count, 10, "granted to normal")
                    try expect(try await worker.want(100, priority: .interactive).count, 10, "granted to interactive")
                    try await worker.exchange { $0.settlements = [Settlement(tenant: nil, unused: 100)] }
                }
            },
            Case("A hold stops all grants until it is over, or until they are resumed") { bench in
                let worker = try await bench.join([try .minute(100)])
                try await bench.ledger.hold(for: .seconds(5), in: bench.group)
                let grant = try await worker.want(1)
                try expect(grant.count, 0, "granted in a hold")
                try expect(
                    grant.shortage, Shortage(cause: .hold, retryIn: 5_000_000, availableIn: 5_000_000), "shortage")
                bench.time.advance(by: .seconds(5))
                try expect(try await worker.want(1).count, 1, "granted after the hold")
                try await bench.ledger.hold(for: .seconds(3600), in: bench.group)
                try expect(try await bench.status().holdFor.microseconds, 3_600_000_000, "hold")
                try await bench.ledger.hold(for: nil, in: bench.group)
                try expect(try await worker.want(1).count, 1, "granted after resuming")
            },
            Case("A group that nobody joined has no status, and no hold makes one") { bench in
                try await bench.ledger.hold(for: .seconds(5), in: bench.group)
                try expect(try await bench.ledger.status(tenants: [], in: bench.group), nil, "status")
            },
            Case("Two groups never touch each other") { bench in
                let worker = try await bench.join([try .minute(10)])
                let neighbour = try await LedgerBench(ledger: bench.ledger, time: bench.time).join([try .minute(10)])
                try expect(try await worker.want(10).count, 10, "granted in one group")
                try expect(try await neighbour.want(10).count, 10, "granted in the other")
            },
        ]
    }
}
