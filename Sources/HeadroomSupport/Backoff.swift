// SPDX-License-Identifier: Apache-2.0

/// Exponential backoff with jitter: pauses between attempts that double from one failure to the next, up to a longest
/// one, each changed by a random part, so that many processes that lost the same server do not come back in step.
///
/// Failures that repeating cannot mend (defects) are followed by pauses of their own, which begin at the longest of the
/// others. All spans are in one unit of the owner's choice, and so are the pauses.
package struct Backoff: Sendable {
    /// The pause after the first failure, before jitter.
    package let first: Int64
    /// The longest pause after failures, and the pause after the first defect.
    package let longest: Int64
    /// The longest pause after defects.
    package let defect: Int64
    /// The range that jitter takes a pause to, in thousandths of that pause.
    package let spreadPerMille: ClosedRange<Int64>

    /// Failures in a row, defects among them.
    package private(set) var failures = 0
    /// Defects in a row.
    package private(set) var defects = 0

    /// - Parameter defect: The default is the longest pause.
    package init(first: Int64, longest: Int64, defect: Int64? = nil, spreadPerMille: ClosedRange<Int64>) {
        self.first = max(first, 1)
        self.longest = max(longest, self.first)
        self.defect = max(defect ?? self.longest, self.longest)
        self.spreadPerMille = spreadPerMille
    }

    /// Counts a failure. Returns the pause after it.
    ///
    /// - Parameter jitter: A random number in 0...1000: where in the spread the pause lies.
    package mutating func next(isDefect: Bool = false, jitter: Int) -> Int64 {
        let pause =
            isDefect
            ? Self.doubled(longest, defects, most: defect) : Self.doubled(first, failures, most: longest)
        failures += 1
        defects = isDefect ? defects + 1 : 0
        let spread = spreadPerMille.upperBound - spreadPerMille.lowerBound
        return Self.scaled(pause, perMille: spreadPerMille.lowerBound + Int64(jitter) * spread / 1000)
    }

    /// Begins anew, after a success.
    package mutating func succeed() { (failures, defects) = (0, 0) }

    private static func doubled(_ span: Int64, _ times: Int, most: Int64) -> Int64 {
        let (doubled, overflow) = span.multipliedReportingOverflow(by: 1 << Int64(min(times, 62)))
        return overflow ? most : min(most, doubled)
    }

    private static func scaled(_ span: Int64, perMille: Int64) -> Int64 {
        let (scaled, overflow) = span.multipliedReportingOverflow(by: perMille)
        return overflow ? span / 1000 * perMille : scaled / 1000
    }
}
