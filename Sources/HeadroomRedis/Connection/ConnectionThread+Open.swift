// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

// From an address to a connection that is logged in.
extension ConnectionThread {
    /// Finds the host, connects and logs in, all within the connect timeout.
    func open() throws(Interruption) -> HiredisContext {
        let end = MonotonicTime.after(options.connectTimeout, from: MonotonicTime.now())
        let candidates = try findAddresses(end)
        let socket = try connect(candidates, end)
        guard var context = HiredisContext(socket, maximumReplyBytes: options.maximumReplyBytes) else {
            throw unavailable("memory is short")
        }
        try shakeHands(&context, end)
        return context
    }

    private func findAddresses(_ end: Int64) throws(Interruption) -> [SocketAddress] {
        guard case .tcp(let host, let port) = options.address.place else {
            return [SocketAddress(path: options.address.endpoint)]
        }
        let resolver = HostResolver(host: host, port: port) { [core] in core.wake.signal() }
        while true {
            switch resolver.result {
            case .success(let addresses): return addresses
            case .failure(let error): throw unavailable("cannot find host '\(host)': \(error.reason)")
            case nil: try restBefore(end, -1, 0, "looking for host '\(host)'")
            }
        }
    }

    private func connect(_ candidates: [SocketAddress], _ end: Int64) throws(Interruption) -> OwnedSocket {
        var reason = "the host has no address"
        for (index, address) in candidates.enumerated() {
            // What is left, shared: a first address that leads nowhere must not use up the time of the others.
            let now = MonotonicTime.now()
            let share = now + max(0, end - now) / Int64(candidates.count - index)
            do {
                let socket = try OwnedSocket(connectingTo: address)
                let result = try awaitConnection(socket, share)
                if result == 0 { return socket }
                reason = SocketIO.describe(result)
            } catch let error as SystemError {
                reason = error.description
            } catch let interruption as Interruption {
                throw interruption
            } catch {
                reason = "\(error)"
            }
        }
        throw unavailable(reason)
    }

    private func awaitConnection(_ socket: borrowing OwnedSocket, _ end: Int64) throws(Interruption) -> Int32 {
        while MonotonicTime.now() < end {
            if try rest(socket.descriptor, Int16(POLLOUT), until: end) != 0 { return socket.connectResult() }
        }
        return ETIMEDOUT
    }

    private func shakeHands(_ context: inout HiredisContext, _ end: Int64) throws(Interruption) {
        let handshake = Handshake(options.address, clientName: options.clientName)
        var (outgoing, answered) = (WriteBuffer(bytes: handshake.bytes), 0)
        while answered < handshake.count {
            try write(&outgoing, context.socket)
            let events = Int16(outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT)
            try restBefore(end, context.socket, events, "waiting for the first answer")
            _ = try reading { () throws(ReadFailure) in try context.read() }
            while let answer = try reading({ () throws(ReadFailure) in try context.next() }) {
                guard answered < handshake.count else { throw unavailable("an answer to no command") }
                try judge(handshake, answered, answer)
                answered += 1
            }
        }
    }

    private func write(_ outgoing: inout WriteBuffer, _ socket: Int32) throws(Interruption) {
        guard !outgoing.isEmpty else { return }
        guard let count = outgoing.withRemaining({ SocketIO.send(socket, $0) }) else {
            throw unavailable(SystemError().description)
        }
        outgoing.advance(count)
    }

    private func judge(_ handshake: Handshake, _ position: Int, _ answer: RedisValue) throws(Interruption) {
        do {
            guard let remark = try handshake.judge(position, answer) else { return }
            outage.refused(remark)
        } catch {
            throw .failed(error)
        }
    }

    private func restBefore(_ end: Int64, _ socket: Int32, _ events: Int16, _ doing: String) throws(Interruption) {
        guard MonotonicTime.now() < end else {
            throw unavailable("no success within \(options.connectTimeout), \(doing)")
        }
        _ = try rest(socket, events, until: end)
    }

    private func unavailable(_ reason: String) -> Interruption {
        .failed(RedisError(.unavailable, "cannot connect to \(options.address.endpoint): \(reason)"))
    }
}
