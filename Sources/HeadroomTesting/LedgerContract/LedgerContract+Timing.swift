// SPDX-License-Identifier: Apache-2.0

import Headroom

extension LedgerContract {
    /// A clock that is stepped: the account's time goes on, and never backwards.
    static var timing: [Case] {
        [
            Case("Time never goes backwards: after a step back it goes on, a sixteenth slower") { bench in
                let worker = try await bench.join([try .minute(10)])
                let before = try await bench.status().now.microseconds
                bench.time.advance(by: .seconds(-3600))
                try await worker.exchange { _ in }
                try expect(try await bench.status().now.microseconds, before, "the ledger's time")
                for _ in 0..<4 {
                    bench.time.advance(by: .seconds(4))
                    try await worker.exchange { _ in }
                }
                try expect(
                    try await bench.status().now.microseconds, before + 15_000_000, "the ledger's time 16 s later")
            },
            Case("A clock that went forward and back again locks nothing: what was spent leaves its window") { bench in
                let worker = try await bench.join([try .minute(10)])
                bench.time.advance(by: .seconds(3600))
                let returned = try await bench.join([try .minute(10)])
                try expect(try await returned.want(10).count, 10, "granted while the clock is ahead")
                try await returned.settle(spent: 10)
                bench.time.advance(by: .seconds(-3600))
                for _ in 0..<16 {
                    try expect(try await returned.want(1).count, 0, "granted within a window")
                    bench.time.advance(by: .seconds(4))
                }
                try await returned.exchange { _ in }
                bench.time.advance(by: .seconds(1))
                try expect(try await returned.want(10).count, 10, "granted a window later")
                try expect(try await worker.reply { _ in }, .unknownInstance, "of an instance that has expired")
            },
            Case("A clock that was stepped back and then set right again forgets nothing") { bench in
                let worker = try await bench.join([try .minute(10)])
                _ = try await worker.want(10)
                try await worker.settle(spent: 10)
                let before = try await bench.status().now.microseconds
                bench.time.advance(by: .seconds(-3600))
                try await worker.exchange { _ in }
                bench.time.advance(by: .seconds(5))
                try await worker.exchange { _ in }
                bench.time.advance(by: .seconds(3600))
                try expect(try await worker.want(1).count, 0, "granted after 5 s")
                try expect(try await bench.status().now.microseconds, before + 5_000_000, "the ledger's time")
            },
            Case("A clock that is a little behind is caught up with, by the time that passes") { bench in
                let worker = try await bench.join([try .minute(10)])
                bench.time.advance(by: .seconds(-2))
                for _ in 0..<40 {
                    try await worker.exchange { _ in }
                    bench.time.advance(by: .milliseconds(900))
                }
                try expect(try await bench.status().now.microseconds, bench.time.now, "the ledger's time 36 s later")
            },
            Case("An instance with a short time to live lives on as long as it exchanges in time") { bench in
                let worker = try await bench.join([try .minute(100)]) { $0.timeToLive = .seconds(1) }
                let other = try await bench.join([try .minute(100)]) { $0.timeToLive = .seconds(1) }
                for _ in 0..<20 {
                    bench.time.advance(by: .milliseconds(260))
                    try await worker.exchange { _ in }
                    try await other.exchange { _ in }
                }
            },
            Case("An instance expires after the clock was stepped back, too") { bench in
                let expiring = try await bench.join([try .minute(100)])
                let worker = try await bench.join([try .minute(100)])
                try expect(try await expiring.want(5).count, 5, "granted")
                bench.time.advance(by: .seconds(-3600))
                for _ in 0..<6 {
                    try await worker.exchange { _ in }
                    bench.time.advance(by: .seconds(2))
                }
                try await worker.exchange { _ in }
                try expect(try await bench.status().budgets.map(\.outstanding), [0], "outstanding")
                try expect(try await bench.limit(.throttle).spent, 5, "spent")
            },
        ]
    }
}
