// SPDX-License-Identifier: Apache-2.0

/// Something that must hold, and what was seen.
package struct SoakCheck: Sendable, Hashable, Codable {
    package var name: String
    package var seen: String
    package var holds: Bool

    package init(_ name: String, _ seen: String, _ holds: Bool) {
        (self.name, self.seen, self.holds) = (name, seen, holds)
    }
}
