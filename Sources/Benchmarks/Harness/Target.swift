// SPDX-License-Identifier: Apache-2.0

/// The bound that a measurement is to reach.
package struct Target: Sendable, Hashable, Codable {
    /// The figure that is judged.
    package enum Subject: String, Sendable, Hashable, Codable { case measured, ratio }
    /// The side of the bound on which the figure has to be.
    package enum Side: String, Sendable, Hashable, Codable { case atMost, atLeast }

    package var subject: Subject
    package var side: Side
    package var bound: Double

    package init(_ subject: Subject, _ side: Side, _ bound: Double) {
        (self.subject, self.side, self.bound) = (subject, side, bound)
    }

    package static func ratio(atMost bound: Double) -> Target { Target(.ratio, .atMost, bound) }
    package static func ratio(atLeast bound: Double) -> Target { Target(.ratio, .atLeast, bound) }
    package static func measured(atMost bound: Double) -> Target { Target(.measured, .atMost, bound) }
    package static func measured(atLeast bound: Double) -> Target { Target(.measured, .atLeast, bound) }

    /// Whether a value is on the right side.
    package func isMet(by value: Double) -> Bool { side == .atMost ? value <= bound : value >= bound }
}
