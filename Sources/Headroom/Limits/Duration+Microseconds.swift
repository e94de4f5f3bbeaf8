// SPDX-License-Identifier: Apache-2.0

/// A span or a moment in microseconds: since 1970 in the ledger's time, since an arbitrary start in a monotonic
/// clock's.
package typealias Microseconds = Int64

extension Duration {
    /// The span in whole microseconds, cut off; at the ends of the range where it would not fit.
    package var microseconds: Microseconds {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carries) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        guard !carries else { return seconds < 0 ? .min : .max }
        return sum
    }
}
