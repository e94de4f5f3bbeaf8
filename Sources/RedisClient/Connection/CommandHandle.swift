// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets a cancellation find its command, whichever of the two comes first. Used for one command.
struct CommandHandle: ~Copyable, Sendable {
    private static let cancelled = UInt64.max
    private static let unknown = UInt64.max - 1

    private let state = Atomic<UInt64>(unknown)

    /// Whether the cancellation has come.
    var isCancelled: Bool { state.load(ordering: .acquiring) == Self.cancelled }

    /// Notes the command's number. False: the cancellation has come before, and the caller carries it out.
    borrowing func assign(_ sequence: UInt64) -> Bool {
        state.compareExchange(expected: Self.unknown, desired: sequence, ordering: .acquiringAndReleasing).exchanged
    }

    /// Notes the cancellation. The number of the command to cancel, nil when it has none yet.
    borrowing func cancel() -> UInt64? {
        let sequence = state.exchange(Self.cancelled, ordering: .acquiringAndReleasing)
        return sequence >= Self.unknown ? nil : sequence
    }
}
