// SPDX-License-Identifier: Apache-2.0

import Headroom
import KeapSimulator

/// Calls a simulated Keap with a client of its own, more often than a minute of the vendor's allows.
@main
struct OtherClient {
    static func main() async throws {
        var configuration = SimulatorConfiguration(vendor: .keapOAuth)
        configuration.vendor.throttle = try WindowLimit(20, per: .seconds(3_600), counting: .calendar)
        try await SimulatedKeap.withRunning(configuration) { simulator in
            let client = PlainClient(host: "127.0.0.1", port: simulator.port)
            let coordinator = RateCoordinator(clientID: "example", plan: .keapOAuth, ledger: .memory)
            let run = Task { try await coordinator.run() }

            var statuses: [Int: Int] = [:]
            for _ in 0..<21 {
                let response = try await client.get("/contacts", budget: coordinator, timeout: .milliseconds(900))
                statuses[response.statusCode, default: 0] += 1
            }
            print("let through: \(statuses[200] ?? 0), the vendor counts \(simulator.report().accepted)")
            print("rejected, and no time left: \(statuses[429] ?? 0)")

            do {
                _ = try await PlainClient(host: "127.0.0.1", port: 1).get("/contacts", budget: coordinator)
            } catch is CannotConnect {
                print("not sent, and the permit given back: \(coordinator.statistics.cancelled)")
            }
            coordinator.shutdown()
            try await run.value
        }
    }
}
