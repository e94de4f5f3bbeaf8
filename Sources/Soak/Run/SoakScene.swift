// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Headroom
import HeadroomRedis
import KeapSimulator
import RedisTestServer

/// The surroundings of a soak: a vendor, a Redis with a replica and a sentinel, and a route there for each half of the
/// workers.
struct SoakScene: Sendable {
    let options: SoakOptions
    let simulator: RunningSimulator
    let redis: SentinelTestSetup
    let routes: [SoakRoute]
    /// A way to the account that no proxy is in.
    let ledger: RedisLedger
    let group = BudgetGroup(clientID: Self.clientID)

    private static let clientID = "soak"
    /// A master that is away stays the master: only a fault makes the other server one. Milliseconds.
    private static let sentinelPatience = 600_000

    init(_ options: SoakOptions, _ simulator: RunningSimulator) throws {
        (self.options, self.simulator) = (options, simulator)
        var configuration = RedisTestServer.Options()
        // Always: what was answered is in the file, so that a kill loses nothing and the account has to be exact.
        configuration.configLines = ["appendonly yes", "appendfsync always", "enable-debug-command yes"]
        configuration.aclLines = try SoakRights.lines()
        redis = try SentinelTestSetup(
            replicas: 1, sentinels: 1, options: configuration, patience: Self.sentinelPatience)
        routes = [try SoakRoute(redis), try SoakRoute(redis)]
        ledger = try RedisLedger(redis.address())
    }

    /// Ends Redis and leaves nothing behind, also if a proxy's thread is the last to know of it.
    func end() {
        for route in routes { route.close() }
        for server in redis.sentinels + redis.servers {
            server.kill()
            try? FileManager.default.removeItem(atPath: server.folder)
        }
    }

    /// The order of the worker at a place.
    func order(_ name: String, at place: Int) -> SoakOrder {
        SoakOrder(
            name: name, url: simulator.baseURL + "/", redis: routes[place % 2].address, clientID: Self.clientID,
            concurrency: options.concurrency, window: options.window, timeToLive: options.timeToLive)
    }

    /// The account, once Redis answers.
    func status() async throws -> LedgerStatus {
        for _ in 0..<100 {
            if let status = try? await ledger.status(tenants: [], in: group) { return status }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw SoakFailure("Redis reports no account")
    }

    /// The account once nothing is outstanding any more, or what it is when that has not come about in time.
    func finalStatus() async throws -> SoakAccount.Ledger {
        let patience = ContinuousClock.now + .seconds(options.timeToLive + 5)
        while true {
            let status = try await status()
            let (budget, isLate) = (status.budgets.first, ContinuousClock.now > patience)
            if isLate || (status.instances.isEmpty && budget?.outstanding == 0) {
                let day = budget?.limits.first { $0.name == .quota }
                return SoakAccount.Ledger(
                    spent: Int(day?.spent ?? 0), drift: Int(day?.drift ?? 0),
                    outstanding: Int(budget?.outstanding ?? 0),
                    instances: status.instances.count)
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Sends the master a command. Does not hold up other tasks.
    func command(_ words: String...) async throws {
        let redis = redis
        try await Blocking.run { try redis.master().connect().run(words) }
    }
}

/// Work that blocks its thread, run on another one than tasks use.
enum Blocking {
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}

/// The reason why a soak cannot go on.
struct SoakFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
