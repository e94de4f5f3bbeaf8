// SPDX-License-Identifier: Apache-2.0

/// A measurement of a baseline and a subject that take turns, in rounds, after one that does not count.
package struct Measurement: Sendable {
    package var rounds: Int

    package init(rounds: Int) { self.rounds = max(1, rounds) }

    /// Measures baseline and subject, one after the other, in turns the one or the other first.
    package func callAsFunction(
        baseline: () async throws -> Double, subject: () async throws -> Double
    ) async throws -> Pairs {
        var pairs = Pairs()
        _ = try await (baseline(), subject())
        for round in 0..<rounds {
            if round % 2 == 0 {
                let base = try await baseline()
                pairs.add(baseline: base, subject: try await subject())
            } else {
                let value = try await subject()
                pairs.add(baseline: try await baseline(), subject: value)
            }
        }
        return pairs
    }
}
