// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Foundation
import Headroom
import HeadroomRedis
import RedisClient

/// One process of a fleet. Started by the benchmark, not by people.
struct FleetWorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet-worker", abstract: "One process of a fleet; started by the benchmark.", shouldDisplay: false
    )

    @Argument var order: String

    func run() async throws {
        let order = try JSONDecoder().decode(FleetOrder.self, from: Data(order.utf8))
        let result = try await Self.run(order, ParentLines())
        StandardOutput.write(try JSONText.line(result))
    }

    @concurrent
    private static func run(_ order: FleetOrder, _ input: ParentLines) async throws -> FleetResult {
        let plan = try order.rate.plan
        let address = RedisAddress(.unix(path: order.socket))
        let shared = order.sharesConnection ? RedisLedger(address) : nil
        let ledgers = (0..<order.coordinators).map { _ in CountingLedger(shared ?? RedisLedger(address)) }
        let coordinators = ledgers.map { Coordinators.make(order.clientID, plan, $0) }
        let greedy = GreedyCalls(tasks: order.tasks) { _ in
            try await Task.sleep(for: FleetRate.callTime)
            return VendorReading(status: 200)
        }
        let calls = try await Coordinators.with(coordinators) { coordinators in
            // All have joined before the first begins.
            while !ledgers.allSatisfy({ $0.joinedAt != nil }) { try await Task.sleep(for: .milliseconds(20)) }
            StandardOutput.write("ready\n")
            await input.next()
            return try await greedy.run(coordinators, warmUp: .seconds(order.warmUp), for: .seconds(order.seconds)) {
                for ledger in ledgers { ledger.reset() }
            }
        }
        let counts = ledgers.map(\.counts)
        return FleetResult(
            calls: calls, trips: counts.reduce(0) { $0 + $1.trips },
            heartbeats: counts.reduce(0) { $0 + $1.heartbeats },
            granted: counts.reduce(0) { $0 + $1.granted }, exchanges: counts.flatMap(\.spans),
            failures: counts.reduce(0) { $0 + $1.failures }, joinedAt: ledgers.map { $0.joinedAt ?? 0 })
    }
}
