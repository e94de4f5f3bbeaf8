// SPDX-License-Identifier: Apache-2.0

/// How urgent a call is. Calls of a higher priority go first; lower ones leave the last part of a limit to them.
public enum Priority: Sendable, Hashable, CaseIterable, Comparable {
    /// Work that can wait: imports, exports. Leaves the last 20 % of each window and of the day, unless set otherwise.
    case background
    /// The default. Leaves nothing unless set otherwise.
    case normal
    /// A person is waiting.
    case interactive

    /// The place in the order: 0 for the lowest.
    package var rank: Int {
        switch self {
        case .background: 0
        case .normal: 1
        case .interactive: 2
        }
    }

    package init?(rank: Int) {
        guard Self.allCases.indices.contains(rank) else { return nil }
        self = Self.allCases[rank]
    }
}
