// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestServer
import Testing

@testable import RedisClient

/// hiredis' reader at one end of a pair of sockets, and the test at the other.
struct SocketPairReader: ~Copyable {
    private var context: HiredisContext
    private let ours: Int32

    init(maximumReplyBytes: Int = 1 << 20) throws {
        let end = try ListeningEnd()
        let socket = try OwnedSocket(connectingTo: SocketAddress(path: end.path))
        let accepted = accept(end.listener, nil, nil)
        guard accepted >= 0, let context = HiredisContext(socket, maximumReplyBytes: maximumReplyBytes) else {
            throw POSIXError(.init(rawValue: errno) ?? .EIO)
        }
        self.context = context
        ours = accepted
    }

    deinit { close(ours) }

    /// Puts bytes into the socket; not more than fit.
    func send(_ bytes: [UInt8]) {
        _ = Foundation.send(ours, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }

    /// The next whole reply of what was sent; nil where there is none yet.
    mutating func next() throws -> RedisValue? {
        while true {
            if let reply = try context.next() { return reply }
            guard try context.read() > 0 else { return nil }
        }
    }
}

/// A socket file that waits for one connection: what is connected to it is owned as a connection to a server is.
private final class ListeningEnd {
    let path = "/tmp/headroom-pair-\(UInt64.random(in: .min ... .max))"
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)

    init() throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0, listen(listener, 1) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    deinit {
        close(listener)
        unlink(path)
    }
}
