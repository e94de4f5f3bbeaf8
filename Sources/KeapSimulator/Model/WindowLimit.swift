// SPDX-License-Identifier: Apache-2.0

import Headroom

/// A capacity of calls per window as the vendor counts it.
public struct WindowLimit: Sendable, Hashable {
    /// Calls per window, at least 1.
    package let capacity: Int
    /// The window's length, 1 ms to 31 days.
    package let window: Duration
    /// How windows follow each other.
    package let counting: Counting

    /// How a window's start is found.
    public enum Counting: String, Sendable, Hashable, CaseIterable {
        /// The calls of the last `window` count, at any moment.
        case rolling
        /// Windows are aligned to 1970-01-01T00:00:00Z: calendar minutes, UTC days.
        case calendar
        /// A window begins with the first counted call after the one before has ended.
        case firstCall = "first-call"
    }

    /// Makes a limit.
    ///
    /// - Throws: an error that says what would be right, if capacity or window is out of range.
    public init(_ capacity: Int, per window: Duration, counting: Counting) throws {
        try self.init(checking: capacity, per: window, counting: counting)
    }

    /// - Throws: ``SimulatorError`` if capacity or window is out of range.
    package init(checking capacity: Int, per window: Duration, counting: Counting) throws(SimulatorError) {
        guard (1...Limit.maximumCapacity).contains(capacity) else {
            throw SimulatorError("capacity \(capacity) is not in 1...\(Limit.maximumCapacity)")
        }
        guard window >= .milliseconds(1), window <= .seconds(31 * 86_400) else {
            throw SimulatorError("window \(window) is not between 1 ms and 31 days")
        }
        self.init(known: capacity, window, counting)
    }

    /// For values known to be in range.
    init(known capacity: Int, _ window: Duration, _ counting: Counting) {
        (self.capacity, self.window, self.counting) = (capacity, window, counting)
    }

    /// The same limit, counted in another way.
    package func counted(_ counting: Counting) -> WindowLimit { WindowLimit(known: capacity, window, counting) }
}

/// The error of a value that the simulator cannot work with: it says what was wrong, and what would be right.
package struct SimulatorError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
