// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeadroomCLI
import KeapSimulator
import RedisTestServer
import Testing

extension EndToEnd {
    @Suite("An operator's libraries of functions")
    struct FunctionsTests {
        /// A password that has to be encoded in an address, and needs not be beside it.
        private static let password = "p@ss:w%rd/"

        /// A Redis with the users of `deploy/users.acl`, all with one password; the default user may do everything.
        private static func deployed(_ change: (inout RedisTestServer.Options) -> Void = { _ in }) throws
            -> RedisTestServer
        {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            let users = try String(contentsOf: root.appending(path: "deploy/users.acl"), encoding: .utf8)
            var options = RedisTestServer.Options()
            options.aclLines = ["user default on nopass ~* &* +@all"]
            options.aclLines += users.split(separator: "\n").filter { !$0.hasPrefix("user default ") }
                .map { String($0).replacing(/>change-me-\w+/, with: ">\(password)") }
            change(&options)
            return try RedisTestServer(options)
        }

        /// Runs `headroom functions` as a user of `deploy/users.acl`.
        private static func run(
            _ words: String..., as user: String = "headroom-operator", at redis: RedisTestServer
        ) async throws -> HeadroomProgram.Ended {
            try await HeadroomProgram.run(
                ["functions"] + words + ["--redis", "redis://\(user)@127.0.0.1:\(redis.port ?? 0)"],
                environment: ["HEADROOM_REDIS_PASSWORD": password])
        }

        private static func list(_ redis: RedisTestServer) async throws -> [FunctionLibraryReport] {
            let json = try await run("list", "--json", at: redis)
            return try JSONDecoder().decode([FunctionLibraryReport].self, from: Data(json.output.utf8))
        }

        private static func load(_ name: String, into redis: RedisTestServer) throws {
            let text = "#!lua name=\(name)\nredis.register_function('\(name)_f', function() return 1 end)"
            #expect(try redis.words("FUNCTION", "LOAD", text) == [name])
        }

        private static func names(_ redis: RedisTestServer) throws -> Set<String> {
            let words = try redis.words("FUNCTION", "LIST")
            return Set(zip(words, words.dropFirst()).filter { $0.0 == "library_name" }.map(\.1))
        }

        @Test("This version's library is loaded once; what other versions left is removed, and nobody else's")
        func lifecycle() async throws {
            let redis = try Self.deployed()
            let empty = try await Self.run("list", at: redis)
            #expect(empty.status == 0 && empty.output.hasPrefix("no library of Headroom"))
            for name in ["headroom_0123456789ab", "headroom_tools", "others"] { try Self.load(name, into: redis) }
            let loaded = try await Self.run("load", at: redis)
            #expect(loaded.status == 0, "\(loaded.errors)")
            let name = try #require(
                try Self.names(redis).first {
                    $0.hasPrefix("headroom_") && $0.count == 21
                        && $0 != "headroom_0123456789ab"
                })
            #expect(loaded.output.wholeMatch(of: /127\.0\.0\.1:\d+: loaded headroom_[0-9a-f]{12} \(\d+ kB\)\n/) != nil)
            #expect(loaded.output.contains(name))
            let again = try await Self.run("load", at: redis)
            #expect(again.status == 0 && again.output.contains(": has \(name) ("))
            let both = try await Self.list(redis)
            #expect(Set(both.map(\.library)) == [name, "headroom_0123456789ab"])
            #expect(both.filter(\.isCurrent).map(\.library) == [name])
            #expect(both.allSatisfy { ($0.bytes ?? 0) > ($0.isCurrent ? 10_000 : 50) })
            let removed = try await Self.run("remove", at: redis)
            #expect(removed.status == 0 && removed.output.contains("removed headroom_0123456789ab\n"))
            #expect(try Self.names(redis) == [name, "headroom_tools", "others"])
            #expect(try await Self.run("remove", at: redis).output.contains("nothing to remove"))
            #expect(try await Self.run("remove", "--all", at: redis).output.contains("removed \(name)\n"))
            #expect(try Self.names(redis) == ["headroom_tools", "others"])
        }

        @Test("Who lacks a right learns which", arguments: ["function|load", "function|list", "cluster|slots"])
        func missingRight(right: String) async throws {
            let redis = try Self.deployed()
            try redis.command("ACL", "SETUSER", "headroom-operator", "-\(right)")
            let ended = try await Self.run("load", at: redis)
            #expect(ended.status == 2)
            #expect(ended.errors.contains("give it the right +\(right)"), "\(ended.errors)")
            #expect(!ended.errors.contains(Self.password))
        }

        @Test("A worker may neither load, list nor remove libraries", arguments: ["load", "list", "remove"])
        func worker(command: String) async throws {
            let redis = try Self.deployed()
            let ended = try await Self.run(command, as: "headroom-worker", at: redis)
            #expect(ended.status == 2)
            #expect(ended.errors.contains("headroom-operator in deploy/users.acl"), "\(ended.errors)")
            #expect(try Self.names(redis).isEmpty)
        }

        @Test("A server without functions, and a replica, are named as such")
        func unsuitedServers() async throws {
            let old = try Self.deployed { options in
                options.configLines = ["rename-command FUNCTION \"\""]
                options.aclLines = [
                    "user default on nopass ~* &* +@all", "user headroom-operator on >\(Self.password) ~* +@all",
                ]
            }
            let none = try await Self.run("load", at: old)
            #expect(none.status == 6)
            #expect(none.errors.contains("workers run scripts there, nothing is to be done"), "\(none.errors)")
            let replica = try Self.deployed()
            try replica.command("REPLICAOF", "127.0.0.1", "1")
            let ended = try await Self.run("load", at: replica)
            #expect(ended.status == 2)
            #expect(ended.errors.contains("the address leads to a replica"), "\(ended.errors)")
        }

        @Test("Each master of a cluster gets the library, by the address of one node or of several")
        func cluster() async throws {
            let cluster = try ClusterTestSetup()
            let first = "redis://127.0.0.1:\(cluster.port(0))"
            let loaded = try await HeadroomProgram.run(["functions", "load", "--redis", first])
            #expect(loaded.status == 0, "\(loaded.errors)")
            for node in cluster.nodes { #expect(try Self.names(node).count == 1) }
            let removed = try await HeadroomProgram.run(
                ["functions", "remove", "--all", "--redis", cluster.address(1, 2)])
            #expect(removed.status == 0, "\(removed.errors)")
            for node in cluster.nodes { #expect(try Self.names(node).isEmpty) }
        }

        @Test("A password beside the address reaches Redis as it is, from each process of a drive")
        func passwordBeside() async throws {
            let redis = try Self.deployed { $0.aclLines.append("user me on >\(Self.password) ~headroom:* +@all") }
            try await SimulatedKeap.withRunning { simulator in
                let ended = try await HeadroomProgram.run(
                    ["drive", simulator.baseURL, "--client-id", "c", "--calls", "4", "--processes", "2", "--json"],
                    environment: [
                        "HEADROOM_REDIS": "redis://me@127.0.0.1:\(redis.port ?? 0)",
                        "HEADROOM_REDIS_PASSWORD": Self.password,
                    ])
                #expect(ended.status == 0, "\(ended.errors)")
                #expect(!ended.output.contains(Self.password) && !ended.errors.contains(Self.password))
            }
        }
    }
}
