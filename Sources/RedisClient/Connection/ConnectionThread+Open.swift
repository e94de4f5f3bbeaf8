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
    /// Finds the server, connects and logs in, all within the connect timeout.
    func open() throws(Interruption) -> HiredisContext {
        let end = MonotonicTime.after(options.connectTimeout, from: MonotonicTime.now())
        guard case .sentinel(let service) = options.address.target else {
            return try logIn(at: options.address, isNamedMaster: false, end)
        }
        let (master, informant) = try findMaster(of: service, end)
        do {
            let address = options.address.at(.tcp(host: master.host, port: master.port))
            let context = try logIn(at: address, isNamedMaster: true, end)
            sentinels.prefer(informant)
            return context
        } catch {
            sentinels.avoid(informant)
            throw error
        }
    }

    private func logIn(
        at address: RedisAddress, isNamedMaster: Bool, _ end: Int64
    ) throws(Interruption) -> HiredisContext {
        var context = try connect(to: address, end)
        var handshake = Handshake(address, clientName: options.clientName, isNamedMaster: isNamedMaster)
        try converse(&context, &handshake, end)
        return context
    }

    func connect(to address: RedisAddress, _ end: Int64) throws(Interruption) -> HiredisContext {
        endpoint = address.endpoint
        let socket = try connect(try findAddresses(address.target, end), end)
        guard var context = HiredisContext(socket, maximumReplyBytes: options.maximumReplyBytes) else {
            throw unavailable("memory is short")
        }
        try secure(&context, address, end)
        return context
    }

    private func findAddresses(_ target: RedisAddress.Target, _ end: Int64) throws(Interruption) -> [SocketAddress] {
        switch target {
        case .unix(let path): return [SocketAddress(path: path)]
        case .tcp(let host, let port): return try findAddresses(host, port, end)
        case .sentinel, .cluster: throw unavailable("it is not one server")
        }
    }

    private func findAddresses(_ host: String, _ port: Int, _ end: Int64) throws(Interruption) -> [SocketAddress] {
        let resolver = HostResolver(host: host, port: port, threadName: "\(options.threadPrefix)dns") { [core] in
            core.wake.signal()
        }
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
            // The time that is left is shared: a first address that leads nowhere must not use up that of the others.
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

    /// Sends the commands of a dialogue, and hands it the answers.
    func converse(
        _ context: inout HiredisContext, _ dialogue: inout some Dialogue, _ end: Int64
    ) throws(Interruption) {
        var (outgoing, answered) = (WriteBuffer(bytes: dialogue.bytes), 0)
        while answered < dialogue.count {
            write(&outgoing, context)
            let events = Int16(outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT)
            try restBefore(end, context.socket, events, "waiting for the first answer")
            try readAnswers(&context)
            while let answer = try reading({ () throws(ReadFailure) in try context.next() }) {
                guard answered < dialogue.count else { throw unavailable("an answer to no command") }
                try judge(&dialogue, answered, answer)
                answered += 1
            }
        }
    }

    private func readAnswers(_ context: inout HiredisContext) throws(Interruption) {
        do {
            _ = try context.read()
        } catch {
            let reason = if case .closed(let reason) = error { reason } else { "\(error)" }
            throw .failed(
                RedisError(.lost, "lost the connection to \(endpoint) before its first answer: \(reason)\(closedHint)"))
        }
    }

    // If writing fails, reading shows why: a server that has no room for us says so before it closes the connection.
    private func write(_ outgoing: inout WriteBuffer, _ context: borrowing HiredisContext) {
        guard !outgoing.isEmpty else { return }
        guard let count = outgoing.withRemaining({ context.send($0) }) else { return outgoing.clear() }
        outgoing.advance(count)
    }

    private func judge(
        _ dialogue: inout some Dialogue, _ position: Int, _ answer: RedisValue
    ) throws(Interruption) {
        do {
            guard let remark = try dialogue.judge(position, answer) else { return }
            outage.remarked(remark, at: endpoint)
        } catch {
            throw .failed(error)
        }
    }

    func restBefore(_ end: Int64, _ socket: Int32, _ events: Int16, _ doing: String) throws(Interruption) {
        guard MonotonicTime.now() < end else {
            throw unavailable("no success in time, \(doing)")
        }
        _ = try rest(socket, events, until: end)
    }

    func unavailable(_ reason: String) -> Interruption {
        .failed(RedisError(.unavailable, "cannot connect to \(endpoint): \(reason)"))
    }
}
