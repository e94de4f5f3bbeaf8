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

            do {
                _ = try await PlainClient(host: "127.0.0.1", port: 1).get("/contacts", budget: coordinator)
            } catch is CannotConnect {
                print("not sent, and the permit given back: \(coordinator.statistics.cancelled)")
            }

            var answered = 0
            while try await isAnswered(client, coordinator) { answered += 1 }
            print("answered: \(answered), the vendor counts \(simulator.report().accepted)")
            coordinator.shutdown()
            try await run.value
        }
    }

    /// Makes a call. False if the limit is used up, as the coordinator or the vendor says.
    private static func isAnswered(_ client: PlainClient, _ coordinator: RateCoordinator) async throws -> Bool {
        do {
            let response = try await client.get("/contacts", budget: coordinator, timeout: .milliseconds(900))
            return response.statusCode == 200
        } catch let error as RateLimitError where error.code == .exhausted {
            return false
        }
    }
}
