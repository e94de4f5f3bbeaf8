// SPDX-License-Identifier: Apache-2.0

/// What is wrong with an option of a soak: the value, and what would be right.
package struct SoakOptionError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
