// SPDX-License-Identifier: Apache-2.0

#if TLS
import Headroom
import HeadroomRedis
import RedisClient
import RedisTestServer
import Testing

@Suite("TLS to a Redis that others name", .tags(.memory))
struct TLSTopologyTests {
    @Test("Sentinels and their master are asked over TLS, and neither is believed without the right certificate")
    func sentinel() async throws {
        let master = try SecureRedis { $0.configLines = ["tls-replication yes"] }
        let sentinel = try SecureRedis(of: master.authority) { options in
            options.isSentinel = true
            options.configLines = [
                "tls-replication yes", "sentinel monitor headroom 127.0.0.1 \(master.port) 1",
            ]
        }
        let address = "rediss+sentinel://127.0.0.1:\(sentinel.port)/headroom?cacert=\(master.authority.file)"
        let account = try Account(RedisLedger(connection(address)))
        try await account.join()
        #expect(try master.server.command("EXISTS", "headroom:2:{test}").hasPrefix(":1"))
        let wrong = try connection(address + "&server-name=redis.test")
        let error = await failure { try await wrong.send(RedisCommand("PING")) }
        #expect(error?.message.contains("not one for 'redis.test'") == true, "\(String(describing: error))")
        // Each end by itself: a right sentinel that names a wrong master, which has another authority's certificate.
        let impostor = try SecureRedis { $0.configLines = ["tls-replication yes"] }
        _ = try sentinel.server.words("SENTINEL", "REMOVE", "headroom")
        _ = try sentinel.server.words("SENTINEL", "MONITOR", "headroom", "127.0.0.1", "\(impostor.port)", "1")
        let second = await failure { try await connection(address).send(RedisCommand("PING")) }
        #expect(second?.message.contains("its certificate is not trusted") == true, "\(String(describing: second))")
    }

    @Test("The nodes of a cluster that an answer names are asked over TLS as well")
    func cluster() async throws {
        let first = try SecureRedis { Self.makeNode(&$0) }
        let second = try SecureRedis(of: first.authority) { Self.makeNode(&$0) }
        let address = "rediss+cluster://127.0.0.1:\(first.port)?cacert=\(first.authority.file)"
        try Self.join(first, second)
        let ledger = try RedisLedger(address, timeout: .seconds(10))
        for number in 0..<8 { try await Account(ledger, group: "group\(number)").join() }
        let sizes = try [first, second].map { try $0.server.words("DBSIZE").first.flatMap { Int($0) } ?? 0 }
        #expect(sizes.allSatisfy { $0 > 0 }, "\(sizes)")
    }

    private static func makeNode(_ options: inout RedisTestServer.Options) {
        options.configLines = ["cluster-enabled yes", "cluster-config-file nodes.conf", "tls-cluster yes"]
        options.configLines.append("cluster-port \((try? FreePort.find()) ?? 0)")
    }

    private static func join(_ first: SecureRedis, _ second: SecureRedis) throws {
        _ = try first.server.words("CLUSTER", "ADDSLOTSRANGE", "0", "8191")
        _ = try second.server.words("CLUSTER", "SET-CONFIG-EPOCH", "2")
        _ = try second.server.words("CLUSTER", "ADDSLOTSRANGE", "8192", "16383")
        let busPort = try second.server.words("CONFIG", "GET", "cluster-port").last ?? ""
        _ = try first.server.words("CLUSTER", "MEET", "127.0.0.1", "\(second.port)", busPort)
        try Polling.wait(for: "a whole cluster") {
            try [first, second].allSatisfy { node in
                let info = try node.server.words("CLUSTER", "INFO")
                return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:2")
            }
        }
    }
}
#endif
