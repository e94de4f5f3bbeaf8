// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis

/// The least that a worker links: the library and its ledger in Redis, without Foundation. One process asks for a
/// permit, and makes no call; the address on its command line says where the account is, nothing means in memory.
@main
struct Worker {
    static func main() async throws {
        let address = CommandLine.arguments.dropFirst().first
        let ledger: Ledger = if let address { try .redis(address) } else { .memory }
        let coordinator = RateCoordinator(clientID: "worker", plan: .keapOAuth, ledger: ledger)
        async let background: Void = coordinator.run()
        let lease = try await coordinator.acquire(timeout: .seconds(10))
        lease.cancel()
        coordinator.shutdown()
        try await background
        print("permits: \(coordinator.statistics.acquired)")
    }
}
