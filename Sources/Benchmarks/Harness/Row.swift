// SPDX-License-Identifier: Apache-2.0

/// One line of the result: a figure, what it is compared with, and what it is to reach.
package struct Row: Sendable, Hashable, Codable {
    /// Never changes: results of different days are compared by it.
    package var id: String
    package var title: String
    package var measured: Spread
    package var unit: Unit
    /// The figure that it is compared with, in the same unit. `nil` if it stands for itself.
    package var baseline: Spread?
    /// Measured by baseline, round by round.
    package var ratio: Spread?
    /// What it is to reach. `nil` if it is for information.
    package var target: Target?
    /// Which way is better. Default: the target's; without one, less.
    package var isMoreBetter: Bool
    package var note: String?

    package init(
        _ id: String, _ title: String, _ measured: Spread, _ unit: Unit, baseline: Spread? = nil, ratio: Spread? = nil,
        target: Target? = nil, isMoreBetter: Bool? = nil, note: String? = nil
    ) {
        (self.id, self.title, self.measured, self.unit) = (id, title, measured, unit)
        (self.baseline, self.ratio, self.target, self.note) = (baseline, ratio, target, note)
        self.isMoreBetter = isMoreBetter ?? (target?.side == .atLeast)
    }

    /// A row of a subject and a baseline that took turns.
    package init(
        _ id: String, _ title: String, _ pairs: Pairs, _ unit: Unit, target: Target? = nil, isMoreBetter: Bool? = nil,
        note: String? = nil
    ) {
        self.init(
            id, title, Spread(pairs.subject), unit, baseline: Spread(pairs.baseline), ratio: Spread(pairs.ratios),
            target: target, isMoreBetter: isMoreBetter, note: note)
    }

    /// What another run's row is compared by: the ratio, which depends least on the machine, else what was measured.
    package var figure: Spread { ratio ?? measured }

    /// Whether the target is reached. `nil` if there is none.
    package var isMet: Bool? {
        guard let target else { return nil }
        guard target.subject == .ratio else { return target.isMet(by: measured.median) }
        return ratio.map { target.isMet(by: $0.median) } ?? false
    }
}
