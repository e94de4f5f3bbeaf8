// SPDX-License-Identifier: Apache-2.0

/// How long to wait before the ledger is asked again after a failure: 50 ms, doubled up to 1 s, spread by a random
/// part.
struct Backoff: Sendable {
    static let first: Microseconds = 50_000
    static let longest: Microseconds = 1_000_000
    static let defect: Microseconds = 5_000_000

    private(set) var failures = 0
    /// Failures in a row that repeating cannot heal.
    private(set) var defects = 0

    /// Counts a failure. `jitter` is 0...999.
    mutating func next(isDefect: Bool, jitter: Int) -> Microseconds {
        let span =
            isDefect
            ? min(Self.defect, Self.longest << Int64(min(defects, 3)))
            : min(Self.longest, Self.first << Int64(min(failures, 5)))
        failures += 1
        defects = isDefect ? defects + 1 : 0
        return span * Microseconds(750 + jitter / 2) / 1000
    }

    mutating func succeed() { self = Backoff() }
}
