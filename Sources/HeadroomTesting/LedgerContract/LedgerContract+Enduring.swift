// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    /// No permit is lost for ever, and no state locks a budget that the vendor would serve.
    static var enduring: [Case] {
        [
            Case("Looking at an account ends expired instances, too") { bench in
                let worker = try await bench.join([try .minute(100)])
                _ = try await worker.want(8)
                bench.time.advance(by: .seconds(11))
                try expect(try await bench.status().budgets.map(\.outstanding), [0], "outstanding")
                try expect(try await bench.limit(.throttle).spent, 8, "spent")
            },
            Case("What is given back to a tenant's budget that began anew is not counted twice") { bench in
                let tenant = try unwrap(Tenant("ab123"))
                let worker = try await bench.join([try .minute(100)], tenantLimits: [try .minute(10)]) {
                    $0.timeToLive = .seconds(3600)
                }
                try await worker.learn(tenant: tenant)
                try expect(try await worker.want(10, tenant: tenant).count, 10, "granted")
                bench.time.advance(by: .seconds(3 * 86_400))
                try await worker.exchange { _ in }
                try await worker.settle(unused: 10, tenant: tenant)
                try expect(try await bench.status(tenants: [tenant]).budgets.map(\.outstanding), [0, 0], "outstanding")
            },
            Case("While one call finds out, another may after 5 s without an answer to the first") { bench in
                let worker = try await bench.join([try .minute(1000)]) { $0.timeToLive = .seconds(3600) }
                _ = try await worker.want(1)
                try await worker.exchange {
                    $0.rejections = [RejectionReport(limit: LimitReference(.product, .throttle))]
                }
                bench.time.advance(by: .seconds(4))
                try expect(try await worker.want(5).count, 0, "granted while a call may still answer")
                bench.time.advance(by: .seconds(1))
                try expect(try await worker.want(5).count, 1, "granted when the call hangs")
                bench.time.advance(by: .seconds(4))
                try expect(try await worker.want(5).count, 0, "granted beside the second")
                bench.time.advance(by: .seconds(1))
                try expect(try await worker.want(5).count, 1, "granted when the second hangs as well")
            },
            Case("A ceiling that is set later bounds a capacity learned before") { bench in
                let worker = try await bench.join([try .minute(100)])
                for _ in 0..<3 { try await worker.observe(.throttle, capacity: 200, used: 0, mark: 0) }
                try expect(try await bench.limit(.throttle).capacity, 200, "learned capacity")
                _ = try await bench.join([try .minute(100, ceiling: 150)], learned: false)
                try expect(try await bench.limit(.throttle).capacity, 150, "capacity")
            },
        ]
    }
}
