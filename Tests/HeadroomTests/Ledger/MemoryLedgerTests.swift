// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomTesting
import Testing

@Suite("The ledger in memory")
struct MemoryLedgerTests {
    @Test("It keeps the contract", arguments: LedgerContract.cases)
    func contract(_ rule: LedgerContract.Case) async throws {
        try await rule.check { clock in MemoryLedger(clock: clock) }
    }
}
