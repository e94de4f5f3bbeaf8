// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("Coordinator: life of a call")
struct CallTests {
    @Test("A call is granted, completed and settled", .timeLimit(.minutes(1)))
    func call() async throws {
        try await Bench(.minute(100)).running { bench in
            let verdict = try await bench.call()
            #expect(verdict == .accepted)
            await bench.pass(.milliseconds(200))
            #expect(try await bench.spent(.throttle) == 4)
            #expect(try await bench.status().budgets[0].outstanding == 0)
        }
    }
}
