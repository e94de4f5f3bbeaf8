// SPDX-License-Identifier: Apache-2.0

import Headroom
import HeadroomRedis
import RedisClient
import RedisTestServer
import Testing

@Suite("A Redis Cluster", .tags(.threads), .serialized)
struct RedisClusterTests {
    /// - Parameter timeout: of a command; the default where a node is lost.
    private func load(
        _ address: String, _ group: String, timeout: Duration = .milliseconds(500)
    ) throws -> ExchangeLoad {
        try ExchangeLoad(RedisLedger(address, timeout: timeout), group: group)
    }

    @Test("A ledger reaches its group through any node, and groups on different masters at once")
    func anyNode() async throws {
        let setup = try ClusterTestSetup()
        for home in setup.nodes.indices {
            for address in [setup.address(home), "redis://127.0.0.1:\(setup.port(home))"] {
                let ledger = try RedisLedger(address, timeout: .seconds(60))
                let loads = try setup.nodes.indices.map { try ExchangeLoad(ledger, group: "\(setup.tag(at: $0))") }
                let counts = try await ExchangeLoad.run(loads) {
                    for load in loads { #expect(await load.awaitAnswers(5)) }
                }
                #expect(counts.allSatisfy { $0.failures.isEmpty }, "\(counts)")
            }
        }
        for index in setup.nodes.indices {
            let keys = try setup.nodes[index].words("KEYS", "headroom:*")
            #expect(keys.contains("headroom:2:{\(try setup.tag(at: index))}"))
            #expect(keys.allSatisfy { $0.contains("{\((try? setup.tag(at: index)) ?? "")}") }, "\(keys)")
        }
    }

    @Test(
        "While a slot moves from master to master, nothing is lost and nothing counted twice", arguments: [true, false])
    func moving(isNamedCluster: Bool) async throws {
        let setup = try ClusterTestSetup()
        let group = try setup.tag(at: 0)
        let slot = try setup.slot(of: "{\(group)}")
        // A plain address of the owner never sees a redirection before the move.
        let address = isNamedCluster ? setup.address(1) : "redis://127.0.0.1:\(setup.port(0))"
        let load = try load(address, group, timeout: .seconds(60))
        let counts = try await ExchangeLoad.run([load]) {
            #expect(await load.awaitAnswers(50))
            for (source, target) in [(0, 1), (1, 2), (2, 0)] {
                try setup.beginMoving(slot, from: source, to: target)
                #expect(await load.awaitAnswers(20))
                while try setup.moveKeys(slot, from: source, to: target, most: 1) > 0 {
                    #expect(await load.awaitAnswers(20))
                }
                try setup.endMoving(slot, to: target)
                #expect(await load.awaitAnswers(50))
            }
        }[0]
        #expect(try await load.spent() == Int64(counts.answered))
        #expect(counts.rejoins == 0)
        #expect(counts.failures.isEmpty, "\(counts)")
        #expect(counts.longestGap < .seconds(5) + counts.noise)
        print("A slot moved three times: \(counts.longestGap) without service, \(counts)")
    }

    @Test("A master is killed and another takes its slots: the ledger finds it, and reports what it had spent")
    func masterLost() async throws {
        let setup = try ClusterTestSetup()
        let group = try setup.tag(at: 0)
        // The address names the one that will be lost, and no other.
        let load = try load("redis://127.0.0.1:\(setup.port(0))", group)
        let other = try self.load(setup.address(0), try setup.tag(at: 2))
        let counts = try await ExchangeLoad.run([load, other]) {
            #expect(await load.awaitAnswers(50))
            #expect(await other.awaitAnswers(50))
            setup.nodes[0].kill()
            #expect(
                await eventually {
                    load.now.failures["unavailable CLUSTERDOWN"] ?? 0 > 0
                        || other.now.failures["unavailable CLUSTERDOWN"] ?? 0 > 0
                })
            try setup.replace(0, by: 1)
            #expect(await load.awaitAnswers(50))
            #expect(await other.awaitAnswers(50))
        }
        #expect(counts[0].rejoins == 1)
        #expect(try await load.spent() == Int64(counts[0].answered))
        #expect(counts[1].rejoins == 0)
        #expect(try await other.spent() == Int64(counts[1].answered))
        #expect(counts.allSatisfy { $0.longestGap < .seconds(8) + $0.noise })
        print("A cluster's master lost: \(counts[0].longestGap) without service, \(counts)")
    }

    @Test("A master is killed and its replica takes over: exchanges go on there with what was counted")
    func takeover() async throws {
        let setup = try ClusterTestSetup(hasReplica: true)
        let tag = try setup.tag(at: 0)
        let load = try load(setup.address(0), tag)
        var (replicated, answered) = (0, 0)
        let counts = try await ExchangeLoad.run([load]) {
            #expect(await load.awaitAnswers(50))
            replicated = load.now.answered
            try setup.nodes[0].awaitReplicas(1, key: "{\(tag)}probe")
            setup.nodes[0].kill()
            answered = load.now.answered
            #expect(await load.awaitAnswers(51))
        }[0]
        #expect(try setup.replica?.words("ROLE").first == "master")
        // What the old master had answered and not yet passed on is lost with it.
        let spent = try #require(try await load.spent())
        #expect(counts.answered - (answered - replicated)...counts.answered ~= Int(spent), "\(spent) of \(counts)")
        #expect(counts.longestGap < .seconds(10) + counts.noise)
        print("A cluster's replica took over: \(counts.longestGap) without service, \(counts), \(spent) spent")
    }

    @Test("A node without the rights to name the slots or to take ASKING serves all the same")
    func fewRights() async throws {
        let setup = try ClusterTestSetup()
        let rights = "+auth +ping +client|setname +eval +evalsha +time +hmget +hset +hdel +pexpire"
        for node in setup.nodes {
            let words = ["ACL", "SETUSER", "me", "on", ">pw", "~headroom:*"]
            _ = try node.words(words + rights.split(separator: " ").map(String.init))
        }
        for index in setup.nodes.indices {
            let address = "redis://me:pw@127.0.0.1:\(setup.port(0))"
            let load = try load(address, try setup.tag(at: index), timeout: .seconds(60))
            let counts = try await ExchangeLoad.run([load]) { #expect(await load.awaitAnswers(5)) }[0]
            #expect(counts.failures.isEmpty, "\(counts)")
        }
    }

    @Test("A database other than 0 is an error that says so")
    func database() async throws {
        let setup = try ClusterTestSetup()
        let ledger = try RedisLedger(RedisAddress("redis://127.0.0.1:\(setup.port(0))/1"))
        let error = await #expect(throws: LedgerError.self) {
            _ = try await ledger.status(tenants: [], in: try #require(BudgetGroup("g")))
        }
        #expect(
            error?.message.contains("SELECT is not allowed in cluster mode") == true, "\(String(describing: error))")
    }
}
