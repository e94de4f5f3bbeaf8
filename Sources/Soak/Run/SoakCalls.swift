// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Headroom
import HeadroomRedis
import HeadroomSupport
import HeadroomURLSession
import Logging

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The calls of one worker.
final class SoakCalls: Sendable {
    private let coordinator: RateCoordinator
    private let session: URLSession
    private let request: URLRequest
    private let concurrency: Int
    private let tally = Mutex(SoakTally())
    private let isOver = Mutex(false)

    /// How long a caller waits for a permit.
    private static let timeout = Timeout.seconds(3)
    /// How long a caller that got none waits before it asks again.
    private static let pause = Duration.milliseconds(20)
    /// Whatever goes wrong is counted at the end.
    private static let noLog = Logger(label: "headroom.soak", factory: { _ in SwiftLogNoOpLogHandler() })

    init(_ order: SoakOrder) throws {
        var settings = RateCoordinator.Configuration()
        settings.timeToLive = .seconds(order.timeToLive)
        coordinator = RateCoordinator(
            clientID: order.clientID, plan: try SoakLimits(window: order.window).plan,
            ledger: try .redis(order.redis), configuration: settings, logger: Self.noLog)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = order.concurrency
        configuration.timeoutIntervalForRequest = 10
        session = URLSession(configuration: configuration)
        guard let url = URL(string: order.url) else { throw SoakFailure("'\(order.url)' is no URL") }
        var request = URLRequest(url: url)
        request.setValue(order.name, forHTTPHeaderField: "X-Headroom-Instance")
        self.request = request
        concurrency = order.concurrency
    }

    func run(until end: ParentLines) async throws -> SoakTally {
        let events = coordinator.events()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.coordinator.run() }
            group.addTask { await Self.follow(events) }
            StandardOutput.write("\(coordinator.instance)\n")
            await withTaskGroup(of: Void.self) { callers in
                for _ in 0..<concurrency { callers.addTask { await self.call() } }
                await end.next()
                isOver.withLock { $0 = true }
            }
            coordinator.shutdown()
            try await group.waitForAll()
        }
        return tally.withLock { $0 }
    }

    private static func follow(_ events: AsyncStream<CoordinatorEvent>) async {
        for await event in events where event.kind == .rejoined && event.lostMemory == false {
            StandardOutput.write("rejoined\n")
        }
    }

    private func call() async {
        while !isOver.withLock({ $0 }) {
            do {
                _ = try await session.data(for: request, budget: coordinator, timeout: Self.timeout)
                tally.withLock { $0.answered += 1 }
            } catch is RateLimitError {
                tally.withLock { $0.unserved += 1 }
                try? await Task.sleep(for: Self.pause)
            } catch {
                tally.withLock { $0.unanswered += 1 }
            }
        }
    }
}
