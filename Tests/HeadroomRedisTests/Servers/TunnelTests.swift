// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import RedisClient
import RedisTestServer
import Testing

@Suite("A tunnel in front of a Redis that wants TLS", .tags(.memory))
struct TunnelTests {
    @Test("The account works through a stunnel with the settings of deploy/")
    func works() async throws {
        let redis = try SecureRedis("DNS:redis.test") { $0.password = "s3cret" }
        let tunnel = try TestTunnel(to: redis.port, expecting: "redis.test", from: redis.authority)
        let account = try Account(RedisLedger(connection("redis://:s3cret@127.0.0.1:\(tunnel.port)")))
        try await account.join()
        let exchange = try await account.exchange { $0.wants = [Want(tenant: nil, count: 3)] }
        #expect(exchange.grants.count == 1)
        try await account.exchange { $0.settlements = [Settlement(tenant: nil, spent: 2)] }
        let budget = try #require(try await account.ledger.status(tenants: [], in: account.group)?.budgets.first)
        #expect(budget.limits.map(\.spent) == [0, 2, 2])
        #expect(tunnel.log.contains("Certificate accepted"), "\(tunnel.log)")
    }

    @Test("A coordinator's calls get their leases through the tunnel")
    func leases() async throws {
        let redis = try SecureRedis("DNS:redis.test")
        let tunnel = try TestTunnel(to: redis.port, expecting: "redis.test", from: redis.authority)
        var configuration = RateCoordinator.Configuration()
        // No lease but from the account.
        configuration.ledgerOutagePolicy = .wait
        let coordinator = RateCoordinator(
            clientID: "tunnel", plan: .keapOAuth, ledger: try .redis("redis://127.0.0.1:\(tunnel.port)"),
            configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await coordinator.run() }
            for _ in 0..<5 {
                let lease = try await coordinator.acquire(timeout: .seconds(20))
                lease.cancel()
            }
            group.cancelAll()
        }
        #expect(try redis.server.command("EXISTS", "headroom:2:{tunnel}").hasPrefix(":1"))
    }
}
