// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A handle by which a cancellation finds its command, whichever of the two comes first. It is used for one command.
struct CommandHandle: ~Copyable, Sendable {
    private static let cancelled = UInt64.max
    private static let unknown = UInt64.max - 1

    private let state = Atomic<UInt64>(unknown)

    /// Whether the cancellation has come.
    var isCancelled: Bool { state.load(ordering: .acquiring) == Self.cancelled }

    /// Notes the command's number. Returns false if the cancellation has come before; then the caller carries it out.
    borrowing func assign(_ sequence: UInt64) -> Bool {
        state.compareExchange(expected: Self.unknown, desired: sequence, ordering: .acquiringAndReleasing).exchanged
    }

    /// Notes the cancellation. Returns the number of the command to cancel. `nil` if it has none yet.
    borrowing func cancel() -> UInt64? {
        let sequence = state.exchange(Self.cancelled, ordering: .acquiringAndReleasing)
        return sequence >= Self.unknown ? nil : sequence
    }
}
