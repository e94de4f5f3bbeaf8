// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A relay in front of a ``RedisTestServer`` that breaks connections at chosen points.
///
/// Real sockets, and two threads for each connection. It understands just enough of Redis' protocol to count whole
/// requests and replies, so that a rule can speak of "the third call of a script". It ends with its last reference.
public final class FaultProxy: Sendable {
    /// Decides what happens to a request; nil: it passes. Called on the proxy's threads.
    public typealias Rule = @Sendable (ProxiedRequest) -> ProxyFault?

    /// The port on 127.0.0.1 to connect to, the same as long as the proxy lives.
    public let port: Int
    private let core: FaultProxyCore
    private let listener = Guarded<StreamSocket?>(nil)

    /// Starts to relay.
    public init(to server: RedisTestServer) throws {
        core = FaultProxyCore(server)
        let socket = try StreamSocket.listening(on: 0)
        port = socket.port
        listen(socket)
    }

    deinit {
        listener.with { $0 }?.end()
        core.cutAll()
    }

    /// The address of the server by way of the proxy, without a password.
    public var address: String { "redis://127.0.0.1:\(port)" }

    /// Sets what happens from now on, and counts scripts from 1 again. Nil: everything passes.
    public func follow(_ rule: Rule?) { core.follow(rule) }

    /// Does this to the call of a script with that number, counted from now from 1, and lets all else pass.
    public func inject(_ fault: ProxyFault, atScript number: Int = 1) {
        follow { $0.scriptNumber == number ? fault : nil }
    }

    /// How many faults were made since the rule was set.
    public var faults: Int { core.faults }

    /// How many calls of scripts came since the rule was set.
    public var scripts: Int { core.scripts }

    /// The newest calls of scripts that were answered, at most 64, with their answers as the server gave them.
    public var answered: [(request: [UInt8], reply: [UInt8])] { core.answered }

    /// Ends all connections that there are.
    public func cut() { core.cutAll() }

    /// Closes the door to new connections, as a port is that nobody listens on; with `cuts`, those that there are end
    /// as well.
    public func close(cuts: Bool = true) {
        listener.with { socket in
            socket?.end()
            socket = nil
        }
        if cuts { core.cutAll() }
    }

    /// Takes connections again after ``close(cuts:)``.
    public func accept() throws {
        guard listener.with({ $0 }) == nil else { return }
        listen(try StreamSocket.listening(on: port))
    }

    private func listen(_ socket: StreamSocket) {
        listener.with { $0 = socket }
        Thread.detachNewThread { [core] in
            while let client = socket.accept() { core.connect(client) }
        }
    }
}
