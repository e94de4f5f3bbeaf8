// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One connection through a ``FaultProxy``: two sockets, and a thread for each direction.
final class ProxyLink: Sendable {
    private struct State {
        /// What is to happen to the replies that are awaited, in their order.
        var awaited: [(fault: ProxyFault?, request: [UInt8])] = []
        var isBlackHole = false
    }

    let number: Int
    private let client: StreamSocket
    private let server: StreamSocket
    private let core: FaultProxyCore
    private let state = Guarded(State())

    init(_ number: Int, client: StreamSocket, server: StreamSocket, core: FaultProxyCore) {
        (self.number, self.client, self.server, self.core) = (number, client, server, core)
    }

    func start() {
        Thread.detachNewThread { self.relay(from: self.client, self.forward) }
        Thread.detachNewThread { self.relay(from: self.server, self.answer) }
    }

    /// Ends both sides.
    func cut() {
        client.end()
        server.end()
    }

    private func relay(from socket: StreamSocket, _ pass: ([UInt8]) -> Bool) {
        var scanner = RESPScanner()
        loop: while true {
            let bytes = socket.receive()
            guard !bytes.isEmpty else { break }
            if state.with({ $0.isBlackHole }) { continue }
            scanner.append(bytes)
            while let message = scanner.next() {
                guard pass(message) else { break loop }
            }
        }
        cut()
        core.forget(self)
    }

    // MARK: Requests

    private func forward(_ request: [UInt8]) -> Bool {
        let fault = core.fault(for: request, on: number)
        switch fault {
        case .cutBefore: return false
        case .blackHoleBefore:
            state.with { $0.isBlackHole = true }
            return true
        case .delayRequest(let milliseconds): usleep(UInt32(milliseconds) * 1_000)
        default: break
        }
        state.with { state in
            state.awaited.append((fault, request))
            if fault == .duplicateRequest { state.awaited.append((nil, request)) }
        }
        return server.send(fault?.outgoing(request) ?? request)
    }

    // MARK: Replies

    private func answer(_ reply: [UInt8]) -> Bool {
        let awaited = state.with { $0.awaited.isEmpty ? nil : $0.awaited.removeFirst() }
        if let awaited { core.record(awaited.request, reply) }
        switch awaited?.fault {
        case .cutAfter: return false
        case .cutWithin(let count):
            client.send(Array(reply.prefix(count)))
            return false
        case .blackHoleAfter:
            state.with { $0.isBlackHole = true }
            return true
        case .delayReply(let milliseconds):
            usleep(UInt32(milliseconds) * 1_000)
            return client.send(reply)
        case .duplicateReply(let milliseconds):
            guard client.send(reply) else { return false }
            usleep(UInt32(milliseconds) * 1_000)
            return client.send(reply)
        case .dropFromReply(let position, let count): return client.send(ProxyFault.dropping(reply, position, count))
        case .replaceReply(let bytes): return client.send(bytes)
        default: return client.send(reply)
        }
    }
}
