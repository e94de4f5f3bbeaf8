// SPDX-License-Identifier: Apache-2.0

import FlyingSocks

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A pool whose sockets have Nagle's algorithm turned off.
///
/// The server writes a response's head and body apart. With the algorithm on, a body waits for the client's delayed
/// acknowledgement of its head: 40 ms on every call of a kept-alive connection.
struct NoDelayPool<Base: AsyncSocketPool>: AsyncSocketPool {
    let base: Base

    func prepare() async throws { try await base.prepare() }

    func run() async throws { try await base.run() }

    func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        var isOn: Int32 = 1
        setsockopt(
            socket.file.rawValue, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        try await base.suspendSocket(socket, untilReadyFor: events)
    }
}
