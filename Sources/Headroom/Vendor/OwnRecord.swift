// SPDX-License-Identifier: Apache-2.0

/// What the caller itself believes is left of each limit: decides which one refused a call where the response does not.
public struct OwnRecord: Sendable, Hashable {
    /// What is believed to be left of one limit.
    public struct Entry: Sendable, Hashable {
        /// Whose limit.
        public var scope: LimitReading.Scope
        /// Which limit.
        public var name: LimitName
        /// Calls left in the window; any value, the smallest of a record counts.
        public var remaining: Int

        /// Makes an entry.
        public init(scope: LimitReading.Scope, name: LimitName, remaining: Int) {
            (self.scope, self.name, self.remaining) = (scope, name, remaining)
        }
    }

    /// One entry per limit, in any order.
    public var entries: [Entry]

    /// Makes a record. Default: nothing is known.
    public init(_ entries: [Entry] = []) { self.entries = entries }

    /// What is believed to be left of a limit; nil where that is not known.
    public func remaining(_ scope: LimitReading.Scope, _ name: LimitName) -> Int? {
        entries.first { $0.scope == scope && $0.name == name }?.remaining
    }
}
