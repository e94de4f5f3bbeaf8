// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import RedisClient

/// A look at a Redis, before anything depends on it.
enum RedisProbe {
    /// How long it may take to be there.
    private static let patience = Duration.seconds(3)

    /// - Throws: ``CommandFailure`` with the address, its password left out, and the reason.
    static func check(_ address: String) async throws {
        _ = try await status(of: "headroom-probe", tenants: [], at: address)
    }

    /// The account of a client id. `nil` if there is none.
    ///
    /// - Throws: ``CommandFailure`` if Redis cannot be reached, or answers with an error.
    static func status(of clientID: String, tenants: [Tenant], at address: String) async throws -> LedgerStatus? {
        let redis = try RedisAddress(address)
        return try await status(
            of: clientID, tenants: tenants, in: RedisLedger(redis, clientName: "headroom-cli"), address: redis)
    }

    /// The same with a connection that is there.
    static func status(
        of clientID: String, tenants: [Tenant], in ledger: RedisLedger, address: RedisAddress
    ) async throws -> LedgerStatus? {
        let end = ContinuousClock.now + patience
        let group = BudgetGroup(clientID: clientID)
        while true {
            do throws(LedgerError) {
                return try await ledger.status(tenants: tenants, in: group)
            } catch {
                let mayPass = error.code == .unavailable || error.code == .lost
                guard mayPass, ContinuousClock.now < end else {
                    throw CommandFailure(.unreachable, "cannot use Redis at \(address): \(error.message)")
                }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
