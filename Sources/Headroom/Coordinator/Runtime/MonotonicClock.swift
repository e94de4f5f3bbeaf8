// SPDX-License-Identifier: Apache-2.0

/// A monotonic clock, whatever its type: now, and sleep until. Times are microseconds since the clock was boxed.
struct MonotonicClock: Sendable {
    private let read: @Sendable () -> Microseconds
    private let wait: @Sendable (Microseconds) async throws -> Void

    init(_ clock: some Clock<Duration>) {
        let origin = clock.now
        read = { origin.duration(to: clock.now).microseconds }
        wait = { try await clock.sleep(until: origin.advanced(by: .microseconds($0)), tolerance: .zero) }
    }

    /// The time.
    func now() -> Microseconds { read() }

    /// Suspends until that time. Throws where the task is cancelled.
    func sleep(until time: Microseconds) async throws {
        guard time > read() else { return }
        try await wait(time)
    }
}

extension Microseconds {
    /// The moment a span later; the end of time where there is none.
    func after(_ span: Microseconds) -> Microseconds {
        let (sum, overflow) = addingReportingOverflow(span)
        return overflow ? .max : sum
    }
}
