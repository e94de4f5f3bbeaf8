// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import HeadroomTesting
import Logging
import RedisClient
import RedisTestServer

/// A Redis behind a proxy, and ledgers on either side of it.
struct FaultBench: Sendable {
    let server: RedisTestServer
    let proxy: FaultProxy
    let log = LogCollector()

    /// - Parameters:
    ///   - configLines: more lines of the server's configuration.
    ///   - clock: the clock of the server. Default: the system's clock.
    init(_ configLines: [String] = [], clock: SteppedClock? = nil) throws {
        var options = RedisTestServer.Options()
        (options.configLines, options.clock) = (configLines, clock)
        server = try RedisTestServer(options)
        proxy = try FaultProxy(to: server)
    }

    /// A ledger with short timeouts, by way of the proxy.
    func ledger(timeout: Duration = .milliseconds(250)) throws -> RedisLedger {
        RedisLedger(
            try connection(proxy.address) { options in
                options.commandTimeout = timeout
                options.maximumSilence = .milliseconds(200)
                options.connectTimeout = .milliseconds(500)
                options.logger = log.logger("redis")
            })
    }

    /// One with time enough for whatever is slow and not broken, by way of the proxy.
    func patientLedger() throws -> RedisLedger { RedisLedger(try connection(proxy.address)) }

    /// A ledger that the proxy does not touch, to look at the account with.
    func direct() throws -> RedisLedger { RedisLedger(try connection(server)) }
}

extension Plan {
    /// Long windows in which nothing ages during a test, for the product and for each tenant.
    ///
    /// - Parameter perSecond: with paced slots as well, for the product. Default: none.
    static func longWindow(perSecond: Int? = nil) throws -> Plan {
        let long = try Limit(.throttle, capacity: 10_000_000, window: .rolling(.seconds(7_200)))
        let paced = try perSecond.map { try Limit(.spike, capacity: $0, window: .paced(.seconds(1))) }
        return try Plan(
            name: "long window", productLimits: [long] + (paced.map { [$0] } ?? []), tenantLimits: [long])
    }
}

extension LedgerStatus {
    /// Calls spent of a limit that does not age, as a budget counts them.
    func spent(of scope: BudgetScope = .product) -> Int64? {
        budgets.first { $0.scope == scope }?.limits.first { $0.name == .throttle }?.spent
    }

    /// Permits outstanding of a budget.
    func outstanding(of scope: BudgetScope = .product) -> Int64? { budgets.first { $0.scope == scope }?.outstanding }
}
