// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a proxy's threads share.
final class FaultProxyCore: Sendable {
    private struct State {
        var rule: FaultProxy.Rule?
        var scripts = 0
        var faults = 0
        var connections = 0
        var links: [ProxyLink] = []
        var answered: [(request: [UInt8], reply: [UInt8])] = []
    }

    private let server: RedisTestServer
    private let state = Guarded(State())
    private static let remembered = 64

    init(_ server: RedisTestServer) { self.server = server }

    var faults: Int { state.with { $0.faults } }
    var scripts: Int { state.with { $0.scripts } }
    var answered: [(request: [UInt8], reply: [UInt8])] { state.with { $0.answered } }

    func follow(_ rule: FaultProxy.Rule?) {
        state.with { ($0.rule, $0.scripts, $0.faults) = (rule, 0, 0) }
    }

    /// Relays a connection. Where the server cannot be reached, it ends at once.
    func connect(_ client: StreamSocket) {
        guard let upstream = try? StreamSocket.connected(port: server.port, path: server.socketPath) else {
            return client.end()
        }
        let link = state.with { state in
            let link = ProxyLink(state.connections, client: client, server: upstream, core: self)
            state.connections += 1
            state.links.append(link)
            return link
        }
        link.start()
    }

    func forget(_ link: ProxyLink) { state.with { $0.links.removeAll { $0 === link } } }

    func cutAll() { for link in state.with({ $0.links }) { link.cut() } }

    func fault(for bytes: [UInt8], on connection: Int) -> ProxyFault? {
        let isScript = ProxiedRequest.isScript(ProxiedRequest.command(of: bytes))
        let (rule, number) = state.with { state in
            if isScript { state.scripts += 1 }
            return (state.rule, isScript ? state.scripts : 0)
        }
        // Outside the lock: a rule may ask the proxy.
        let fault = rule?(ProxiedRequest(bytes, connection: connection, scriptNumber: number))
        if fault != nil { state.with { $0.faults += 1 } }
        return fault
    }

    func record(_ request: [UInt8], _ reply: [UInt8]) {
        guard ProxiedRequest.isScript(ProxiedRequest.command(of: request)) else { return }
        state.with { state in
            if state.answered.count == Self.remembered { state.answered.removeFirst() }
            state.answered.append((request, reply))
        }
    }
}
