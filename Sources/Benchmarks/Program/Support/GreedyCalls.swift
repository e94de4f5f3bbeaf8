// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomSupport

/// Tasks that make calls as fast as they may.
struct GreedyCalls: Sendable {
    /// Tasks of each coordinator.
    let tasks: Int
    /// Makes one call and returns what came back.
    let call: @Sendable (_ coordinator: Int) async throws -> VendorReading

    /// Calls that each coordinator made after the warm-up, until the time was over; whoever waits then is cancelled.
    ///
    /// - Parameter begin: called when the warm-up is over.
    @concurrent
    func run(
        _ coordinators: [RateCoordinator], warmUp: Duration = .zero, for span: Duration,
        begin: @escaping @Sendable () -> Void = {}
    ) async throws -> [Int] {
        let made = coordinators.map { _ in Counter() }
        await withTaskGroup(of: Void.self) { group in
            for (index, coordinator) in coordinators.enumerated() {
                for _ in 0..<tasks {
                    group.addTask { await make(coordinator, index, made[index]) }
                }
            }
            group.addTask {
                try? await Task.sleep(for: warmUp)
                for counter in made { counter.reset() }
                begin()
                try? await Task.sleep(for: span)
            }
            // The first to end is the one that sleeps: the others go on for ever.
            await group.next()
            group.cancelAll()
        }
        return made.map(\.value)
    }

    private func make(_ coordinator: RateCoordinator, _ index: Int, _ made: Counter) async {
        while !Task.isCancelled {
            do {
                let lease = try await coordinator.acquire(timeout: .never)
                let reading = try await call(index)
                made.add()
                let verdict = lease.complete(reading)
                if let rejection = verdict.rejection { try await Task.sleep(for: rejection.retryAfter) }
            } catch {
                // The wait was cancelled, or failed: a moment later it may be otherwise.
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}

/// A count that any task may raise.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func reset() { count.withLock { $0 = 0 } }

    func add() { count.withLock { $0 += 1 } }
}
