// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A blocking stream socket, closed with its last reference.
final class StreamSocket: Sendable {
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Waits on a port of 127.0.0.1; on any that is free where it is 0.
    static func listening(on port: Int) throws -> StreamSocket {
        let socket = try make(AF_INET)
        var on: Int32 = 1
        setsockopt(socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = FreePort.loopback(port: port)
        let status = withSockaddr(&address) { bind(socket.descriptor, $0, $1) }
        guard status == 0, listen(socket.descriptor, 128) == 0 else {
            throw RedisTestServerError("cannot listen on port \(port): error \(errno)")
        }
        return socket
    }

    /// Connects to a socket file, or else to a port of 127.0.0.1.
    static func connected(port: Int?, path: String?) throws -> StreamSocket {
        let socket = try make(path == nil ? AF_INET : AF_UNIX)
        var status: Int32
        if let path {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            status = withSockaddr(&address) { connect(socket.descriptor, $0, $1) }
        } else {
            var address = FreePort.loopback(port: port ?? 0)
            status = withSockaddr(&address) { connect(socket.descriptor, $0, $1) }
            socket.setNoDelay()
        }
        guard status == 0 else { throw RedisTestServerError("cannot connect: error \(errno)") }
        return socket
    }

    /// The port that it waits on.
    var port: Int {
        var (address, length) = (FreePort.loopback(port: 0), socklen_t(MemoryLayout<sockaddr_in>.size))
        _ = Self.withSockaddr(&address) { pointer, _ in getsockname(descriptor, pointer, &length) }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// The next connection; nil once it was ended.
    func accept() -> StreamSocket? {
        let connection = Foundation.accept(descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        let socket = StreamSocket(connection)
        socket.setNoDelay()
        return socket
    }

    /// Waits for bytes; empty at the end.
    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count)))
    }

    /// Whether all of it was sent.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Self.noSignal)
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Ends it in both directions; whoever waits in a call on it is woken.
    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func setNoDelay() {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func make(_ family: Int32) throws -> StreamSocket {
        #if canImport(Darwin)
        let descriptor = socket(family, SOCK_STREAM, 0)
        #else
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        guard descriptor >= 0 else { throw RedisTestServerError("no socket: error \(errno)") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return StreamSocket(descriptor)
    }

    private static func withSockaddr<Address>(
        _ address: inout Address, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    #if canImport(Darwin)
    private static let noSignal: Int32 = 0
    #else
    private static let noSignal = Int32(MSG_NOSIGNAL)
    #endif
}
