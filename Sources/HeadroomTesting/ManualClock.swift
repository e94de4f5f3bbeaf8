// SPDX-License-Identifier: Apache-2.0

public import Headroom
import HeadroomSupport

/// A clock that stands still until it is advanced: tests of hours run in no time.
///
/// Sleepers wake in the order of their deadlines, and each sees the clock at its own deadline. ``advance(by:)`` lets
/// the tasks it wakes run on before it goes further, by yielding often; what they do in other threads may take longer:
/// let a test wait for the effect that it needs, with ``settle(until:patience:)``. Safe to share between tasks.
public final class ManualClock: Clock {
    /// A moment of the clock: the span since it was made.
    public struct Instant: InstantProtocol {
        /// The span since the clock was made.
        public let offset: Swift.Duration

        /// Makes a moment.
        public init(offset: Swift.Duration) { self.offset = offset }

        public func advanced(by span: Swift.Duration) -> Instant { Instant(offset: offset + span) }
        public func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
        public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        let deadline: Instant
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var lastID: UInt64 = 0
        var sleepers: [UInt64: Sleeper] = [:]
    }

    private let state = Mutex(State())
    private let origin: Microseconds
    private let others: (@Sendable () async -> Void)?

    /// Makes a clock. As a wall clock it begins at 2026-11-22 12:00:00 UTC.
    public convenience init() { self.init(origin: 1_795_348_800_000_000) }

    /// - Parameter origin: the wall-clock time at the start, in microseconds since 1970.
    package init(origin: Microseconds) { (self.origin, others) = (origin, nil) }

    /// Makes a clock that can wait until all others have done what they can do at its time.
    package init(origin: Microseconds, awaitingOthers others: @escaping @Sendable () async -> Void) {
        (self.origin, self.others) = (origin, others)
    }

    public var now: Instant { state.withLock { $0.now } }

    public var minimumResolution: Swift.Duration { .nanoseconds(1) }

    /// The time as a wall clock says it, in microseconds since 1970.
    package var microseconds: Microseconds { origin + now.offset.microseconds }

    /// How many tasks sleep now.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    public func sleep(until deadline: Instant, tolerance: Swift.Duration? = nil) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let isDone = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let outcome: Bool? = state.withLock { state in
                    // Checked under the lock: a cancellation before this point has not found the sleeper.
                    if Task.isCancelled { return false }
                    if deadline <= state.now { return true }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(returning: false)
        }
        if !isDone { throw CancellationError() }
    }

    /// Moves the time on, and wakes on its way whoever sleeps until then.
    public func advance(by span: Swift.Duration) async {
        let end = now.advanced(by: span)
        await settle()
        while wakeNext(until: end) { await settle() }
        state.withLock { $0.now = max($0.now, end) }
        await settle()
    }

    /// Lets other tasks run until a condition holds. `false` if it does not after so many yields.
    @discardableResult
    public func settle(until condition: @Sendable () async -> Bool, patience: Int = 20_000) async -> Bool {
        for _ in 0..<(others == nil ? patience : 1) {
            if await condition() { return true }
            if let others { await others() } else { await Task.yield() }
        }
        return await condition()
    }

    /// Moves on to the earliest deadline and wakes the sleepers that have it. `false` if there is none until `end`.
    private func wakeNext(until end: Instant) -> Bool {
        let woken: [Sleeper] = state.withLock { state in
            guard let deadline = state.sleepers.values.map(\.deadline).min(), deadline <= end else { return [] }
            state.now = max(state.now, deadline)
            let due = state.sleepers.filter { $0.value.deadline <= deadline }.sorted { $0.key < $1.key }
            for (id, _) in due { state.sleepers[id] = nil }
            return due.map(\.value)
        }
        for sleeper in woken { sleeper.continuation.resume(returning: true) }
        return !woken.isEmpty
    }

    private func settle() async {
        if let others { return await others() }
        for _ in 0..<200 { await Task.yield() }
    }
}

extension Ledger {
    /// A new ledger in this process's memory, whose time is a clock's: windows and days pass as the clock is advanced.
    public static func memory(_ clock: ManualClock) -> Ledger { Ledger(MemoryLedger { clock.microseconds }) }
}
