// SPDX-License-Identifier: Apache-2.0

#if TLS
import Headroom
import HeadroomRedis
import RedisClient
import RedisTestServer
import Testing

@Suite("TLS to Redis", .tags(.memory))
struct TLSTests {
    @Test("The account works over TLS, under the name of the host and under its IP address")
    func works() async throws {
        let redis = try SecureRedis { $0.password = "s3cret" }
        for (index, host) in ["localhost", "127.0.0.1"].enumerated() {
            let account = try Account(
                RedisLedger(connection(redis.address(host, login: ":s3cret@"))), group: "over-tls-\(index)")
            try await account.join()
            try await account.exchange { $0.settlements = [Settlement(tenant: nil, spent: 2)] }
            let budget = try #require(try await account.ledger.status(tenants: [], in: account.group)?.budgets.first)
            #expect(budget.limits.map(\.spent) == [0, 2, 2])
        }
    }

    @Test("A connection that is cut and a server that is killed are found again, and nothing is counted twice")
    func cut() async throws {
        let redis = try SecureRedis { $0.configLines = ["appendonly yes", "appendfsync always"] }
        let load = try ExchangeLoad(
            RedisLedger(redis.address(), timeout: .milliseconds(500)), group: "cut")
        let counts = try await ExchangeLoad.run([load]) {
            for _ in 0..<20 {
                #expect(await load.awaitAnswers(20))
                try redis.server.command("CLIENT", "KILL", "TYPE", "normal")
            }
            for _ in 0..<3 {
                redis.server.kill()
                try redis.server.restart()
                #expect(await load.awaitAnswers(20))
            }
        }[0]
        #expect(try await load.spent() == Int64(counts.answered), "\(counts)")
        #expect(!counts.failures.isEmpty)
    }
}
#endif
