// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Colours for text that a person reads on a terminal.
package struct Paint: Sendable {
    /// Ways to show a text, by their numbers in an escape sequence.
    package enum Style: String, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    /// No colours at all.
    package static let none = Paint(isOn: false)

    private let isOn: Bool

    /// - Parameter isOn: whether anything is coloured at all.
    package init(isOn: Bool) { self.isOn = isOn }

    /// Colours on a terminal, unless `NO_COLOR` is set or the terminal is a dumb one.
    package static func of(terminal: Bool) -> Paint {
        let environment = ProcessInfo.processInfo.environment
        return Paint(isOn: terminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb")
    }

    /// The text in a style, or as it is if nothing is coloured.
    package func callAsFunction(_ text: String, _ style: Style) -> String {
        isOn ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    package func bold(_ text: String) -> String { self(text, .bold) }
    package func dim(_ text: String) -> String { self(text, .dim) }
    package func red(_ text: String) -> String { self(text, .red) }
    package func green(_ text: String) -> String { self(text, .green) }
    package func yellow(_ text: String) -> String { self(text, .yellow) }
}
