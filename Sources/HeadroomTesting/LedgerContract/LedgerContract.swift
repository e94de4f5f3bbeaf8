// SPDX-License-Identifier: Apache-2.0

package import Headroom

/// The rules of account that every `LedgerStore` must keep, one case each.
///
/// Run each case against a new ledger whose clock is the one given:
///
/// <!-- snippet: not compiled -->
/// ```swift
/// @Test(arguments: LedgerContract.cases)
/// func contract(_ rule: LedgerContract.Case) async throws {
///     try await rule.check { clock in MyStore(clock: clock) }
/// }
/// ```
package enum LedgerContract {
    /// All rules.
    package static let cases: [Case] =
        joining + reporting + exchanging + timing + pacing + days + newDay + reconciling + learning + operating + enduring
        + extremes

    /// One rule.
    package struct Case: Sendable, CustomStringConvertible {
        /// The rule, as a sentence.
        package let description: String
        let body: @Sendable (LedgerBench) async throws -> Void

        init(_ description: String, _ body: @escaping @Sendable (LedgerBench) async throws -> Void) {
            (self.description, self.body) = (description, body)
        }

        /// Holds a new ledger to the rule.
        ///
        /// - Parameter makeLedger: Makes an empty ledger that takes its time, in microseconds since 1970, from the
        ///   clock given.
        /// - Throws: ``LedgerContract/Violation``, or the ledger's own error.
        package func check(_ makeLedger: (@escaping @Sendable () -> Microseconds) async throws -> any LedgerStore)
            async throws
        {
            let time = SettableTime()
            let ledger = try await makeLedger { time.now }
            try await body(LedgerBench(ledger: ledger, time: time))
        }
    }

    /// How a ledger broke a rule.
    package struct Violation: Error, CustomStringConvertible {
        /// What was expected, and what was there.
        package let description: String
    }
}
