// SPDX-License-Identifier: Apache-2.0

/// A monotonic clock of any type, reduced to what the coordinator needs: the time, and sleep until a time. Times are
/// microseconds since the clock was wrapped.
struct MonotonicClock: Sendable {
    private let read: @Sendable () -> Microseconds
    private let wait: @Sendable (Microseconds) async throws -> Void

    init(_ clock: some Clock<Duration>) {
        let origin = clock.now
        read = { origin.duration(to: clock.now).microseconds }
        wait = { try await clock.sleep(until: origin.advanced(by: .microseconds($0)), tolerance: .zero) }
    }

    func now() -> Microseconds { read() }

    /// Suspends until a time. Throws if the task is cancelled.
    func sleep(until time: Microseconds) async throws {
        guard time > read() else { return }
        try await wait(time)
    }
}

extension Microseconds {
    /// The moment a span after this one, `.max` if that is beyond the range.
    func after(_ span: Microseconds) -> Microseconds {
        let (sum, overflow) = addingReportingOverflow(span)
        return overflow ? .max : sum
    }
}
