// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A blocking connection for one command at a time, independent of the code under test.
public final class AdminConnection: Sendable {
    private let descriptor: Int32

    init(port: Int?, path: String?, password: String?) throws {
        #if canImport(Darwin)
        let kind = SOCK_STREAM
        #else
        let kind = Int32(SOCK_STREAM.rawValue)
        #endif
        descriptor = socket(path == nil ? AF_INET : AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw RedisTestServerError("no socket: error \(errno)") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let status = path.map(connect(path:)) ?? connect(port: port ?? 0)
        guard status == 0 else { throw RedisTestServerError("cannot connect: error \(errno)") }
        if let password { _ = try send(["AUTH", password]) }
    }

    deinit { close(descriptor) }

    /// Sends a command and returns its whole answer.
    public func send(_ words: [String]) throws -> String {
        let request = "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
        let bytes = Array(request.utf8)
        guard Foundation.send(descriptor, bytes, bytes.count, Self.noSignal) == bytes.count else {
            throw RedisTestServerError("cannot write: error \(errno)")
        }
        var answer: [UInt8] = []
        repeat { answer += try receive() } while RawAnswer.end(answer) == nil
        return String(decoding: answer, as: UTF8.self)
    }

    private func receive() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw RedisTestServerError("no answer: error \(errno)") }
        return Array(buffer[..<count])
    }

    #if canImport(Darwin)
    private static let noSignal: Int32 = 0
    #else
    private static let noSignal = Int32(MSG_NOSIGNAL)
    #endif

    private func connect(port: Int) -> Int32 {
        var address = FreePort.loopback(port: port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private func connect(path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
