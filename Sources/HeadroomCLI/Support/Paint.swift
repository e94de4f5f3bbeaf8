// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Colours, where a person reads them.
package struct Paint: Sendable {
    private let isOn: Bool

    /// - Parameter isOn: whether anything is coloured at all.
    package init(isOn: Bool) { self.isOn = isOn }

    /// Colours on a terminal, unless `NO_COLOR` is set or the terminal is a dumb one.
    static func of(terminal: Bool) -> Paint {
        let environment = ProcessInfo.processInfo.environment
        return Paint(isOn: terminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb")
    }

    package func bold(_ text: String) -> String { wrap(text, "1") }
    package func red(_ text: String) -> String { wrap(text, "31") }
    package func green(_ text: String) -> String { wrap(text, "32") }
    package func yellow(_ text: String) -> String { wrap(text, "33") }
    package func dim(_ text: String) -> String { wrap(text, "2") }

    private func wrap(_ text: String, _ code: String) -> String { isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
