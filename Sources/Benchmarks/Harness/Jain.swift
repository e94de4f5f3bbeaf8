// SPDX-License-Identifier: Apache-2.0

/// How evenly something is shared: 1 where all have the same, 1/n where one has all.
package enum Jain {
    /// Jain's index, `(Σx)² / (n·Σx²)`; 1 where nobody has anything.
    package static func index(_ shares: some Collection<Int>) -> Double {
        let sum = shares.reduce(0.0) { $0 + Double($1) }
        let squares = shares.reduce(0.0) { $0 + Double($1) * Double($1) }
        guard squares > 0 else { return 1 }
        return sum * sum / (Double(shares.count) * squares)
    }
}
