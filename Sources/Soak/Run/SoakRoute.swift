// SPDX-License-Identifier: Apache-2.0

import RedisTestServer

/// The way of one half of the workers to Redis: a proxy in front of the sentinel, which names the master by its proxy,
/// and one in front of each server.
struct SoakRoute: Sendable {
    private let sentinel: FaultProxy
    private let servers: [FaultProxy]

    init(_ redis: SentinelTestSetup) throws {
        sentinel = try FaultProxy(to: redis.sentinels[0])
        let servers = try redis.servers.map { try FaultProxy(to: $0) }
        self.servers = servers
        let ports = Dictionary(zip(redis.servers.map(\.port), servers.map(\.port))) { $1 }
        sentinel.follow { request in
            guard Self.asksForMaster(request), let port = ports[try? redis.namedPort()] else { return nil }
            return .replaceReply(Self.reply("127.0.0.1", "\(port)"))
        }
    }

    /// The address by which workers of this half find the master.
    var address: String {
        "redis+sentinel://\(SoakRights.login)@127.0.0.1:\(sentinel.port)/\(SentinelTestSetup.service)"
    }

    /// Sets what happens to what is sent to the servers. `nil`: all passes.
    func follow(_ rule: FaultProxy.Rule?) { for proxy in servers { proxy.follow(rule) } }

    /// Ends all connections to the servers.
    func cut() { for proxy in servers { proxy.cut() } }

    /// Ends all connections and lets none through.
    func close() { for proxy in all { proxy.close() } }

    /// Lets connections through again.
    func open() throws { for proxy in all { try proxy.accept() } }

    private var all: [FaultProxy] { [sentinel] + servers }

    private static func asksForMaster(_ request: ProxiedRequest) -> Bool {
        RESPScanner.words(of: request.bytes).dropFirst().first == Array("GET-MASTER-ADDR-BY-NAME".utf8)
    }

    private static func reply(_ words: String...) -> [UInt8] {
        Array(("*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()).utf8)
    }
}
