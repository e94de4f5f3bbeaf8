// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Headroom
import HeadroomRedis
import HeadroomURLSession

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// What one worker of a soak does.
struct SoakOrder: Sendable, Codable {
    /// How the vendor's report calls it.
    var name: String
    /// The vendor.
    var url: String
    var redis: String
    var clientID: String
    var concurrency: Int
    /// Seconds.
    var window: Int
    /// Seconds.
    var timeToLive: Int
}

/// What a worker tells at its end.
struct SoakTally: Sendable, Codable {
    var answered = 0
    /// Calls that may have been counted.
    var unanswered = 0
    /// Callers that got no permit.
    var refused = 0
}

/// One worker of a soak: makes calls as a user's program would. Started by the soak, not by people.
///
/// Tells its instance first, `rejoined` whenever it was silent for too long, and its tally when it was told to end.
struct SoakWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak-worker", abstract: "One worker of a soak; started by it.", shouldDisplay: false)

    @Argument var order: String

    func run() async throws {
        let order = try JSONDecoder().decode(SoakOrder.self, from: Data(order.utf8))
        let tally = try await SoakCalls(order).run(until: StandardInput())
        StandardStreams.print(String(decoding: try JSONEncoder().encode(tally), as: UTF8.self) + "\n")
    }
}

/// The calls of one worker.
private struct SoakCalls: Sendable {
    private let coordinator: RateCoordinator
    private let session: URLSession
    private let request: URLRequest
    private let concurrency: Int
    private let tally = Shared(SoakTally())
    private let isOver = Shared(false)

    /// How long a caller waits for a permit.
    private static let timeout = Duration.seconds(3)
    /// How long a caller that got none waits before it asks again.
    private static let pause = Duration.milliseconds(20)

    init(_ order: SoakOrder) throws {
        var settings = RateCoordinator.Configuration()
        settings.timeToLive = .seconds(order.timeToLive)
        coordinator = RateCoordinator(
            clientID: order.clientID, plan: try SoakLimits(window: order.window).plan,
            ledger: RedisLedger(try RedisAddress(order.redis)), configuration: settings, logger: Bench.quiet)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = order.concurrency
        configuration.timeoutIntervalForRequest = 10
        session = URLSession(configuration: configuration)
        guard let url = URL(string: order.url) else { throw BenchmarkFailure("'\(order.url)' is no URL") }
        var request = URLRequest(url: url)
        request.setValue(order.name, forHTTPHeaderField: "X-Headroom-Instance")
        self.request = request
        concurrency = order.concurrency
    }

    func run(until end: StandardInput) async throws -> SoakTally {
        let events = coordinator.events()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [coordinator] in try await coordinator.run() }
            group.addTask { await Self.follow(events) }
            StandardStreams.print("\(coordinator.instance)\n")
            await withTaskGroup(of: Void.self) { callers in
                for _ in 0..<concurrency { callers.addTask { await call() } }
                await end.line()
                isOver.value.withLock { $0 = true }
            }
            coordinator.shutdown()
            try await group.waitForAll()
        }
        return tally.value.withLock { $0 }
    }

    private static func follow(_ events: AsyncStream<CoordinatorEvent>) async {
        for await event in events where event == .rejoined(lostMemory: false) { StandardStreams.print("rejoined\n") }
    }

    private func call() async {
        while !isOver.value.withLock({ $0 }) {
            do {
                _ = try await session.data(for: request, budget: coordinator, timeout: Self.timeout)
                tally.value.withLock { $0.answered += 1 }
            } catch is RateLimitError {
                tally.value.withLock { $0.refused += 1 }
                try? await Task.sleep(for: Self.pause)
            } catch {
                tally.value.withLock { $0.unanswered += 1 }
            }
        }
    }
}

/// A value that several tasks share.
private final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}
