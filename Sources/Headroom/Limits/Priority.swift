// SPDX-License-Identifier: Apache-2.0

/// How urgent a call is. Calls of a higher priority go first; lower ones leave the last part of a limit to them.
public enum Priority: Int, Sendable, Hashable, CaseIterable, Comparable, CustomStringConvertible {
    /// Work that can wait: imports, exports. Leaves the last 20 % of each window and of the day, unless set otherwise.
    case background = 0
    /// The default. Leaves nothing unless set otherwise.
    case normal = 1
    /// A person is waiting.
    case interactive = 2

    public var description: String {
        switch self {
        case .background: "background"
        case .normal: "normal"
        case .interactive: "interactive"
        }
    }

    public static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
}
