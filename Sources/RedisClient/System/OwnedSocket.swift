// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A non-blocking stream socket, closed at its end unless passed on.
struct OwnedSocket: ~Copyable {
    let descriptor: Int32

    /// Starts connecting. Throws the system's error number.
    init(connectingTo address: SocketAddress) throws(SystemError) {
        #if canImport(Darwin)
        descriptor = socket(address.family, SOCK_STREAM, 0)
        guard descriptor >= 0 else { throw SystemError() }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        Self.set(descriptor, SOL_SOCKET, SO_NOSIGPIPE)
        #else
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw SystemError() }
        #endif
        if address.family != AF_UNIX {
            Self.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
            Self.set(descriptor, SOL_SOCKET, SO_KEEPALIVE)
        }
        guard address.connect(descriptor) == 0 || errno == EINPROGRESS else { throw SystemError() }
    }

    deinit { close(descriptor) }

    /// Hands the descriptor on: the new owner closes it.
    consuming func release() -> Int32 {
        let descriptor = descriptor
        discard self
        return descriptor
    }

    /// The outcome of connecting, once the socket is writable: 0, or the system's error number.
    borrowing func connectResult() -> Int32 {
        var (result, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &result, &length) == 0 else { return errno }
        return result
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// A system call's error number.
struct SystemError: Error, CustomStringConvertible {
    let number: Int32

    init(_ number: Int32 = errno) { self.number = number }

    var description: String { SocketIO.describe(number) }
}
