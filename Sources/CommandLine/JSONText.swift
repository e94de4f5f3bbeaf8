// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Values as JSON text.
package enum JSONText {
    /// For people and programs: indented, keys in order, no line break at the end.
    package static func pretty(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// On one line, with its line break.
    package static func line(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self) + "\n"
    }
}
