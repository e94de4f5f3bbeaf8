// SPDX-License-Identifier: Apache-2.0

/// Rounds of a baseline and a subject that took turns: what disturbs one disturbs the other as well.
package struct Pairs: Sendable, Hashable {
    package private(set) var baseline: [Double] = []
    package private(set) var subject: [Double] = []

    package init() {}

    package mutating func add(baseline: Double, subject: Double) {
        self.baseline.append(baseline)
        self.subject.append(subject)
    }

    /// The subject by the baseline, round by round; rounds whose baseline was nothing are left out.
    package var ratios: [Double] { zip(subject, baseline).compactMap { $1 > 0 ? $0 / $1 : nil } }
}
