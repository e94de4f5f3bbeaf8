// SPDX-License-Identifier: Apache-2.0

internal import CHiredis

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// System calls on sockets.
enum SocketIO {
    /// Writes what fits now, without a SIGPIPE. Returns the number of bytes, 0 if the socket is full. `nil` if the
    /// connection is broken.
    static func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Int? {
        #if canImport(Darwin)
        let flags = Int32(MSG_DONTWAIT)  // SO_NOSIGPIPE is set on the socket.
        #else
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        #endif
        while true {
            let count = systemSend(socket, bytes.baseAddress, bytes.count, flags)
            if count >= 0 { return count }
            if errno == EAGAIN || errno == EWOULDBLOCK { return 0 }
            if errno != EINTR { return nil }
        }
    }

    /// Waits until one of two descriptors is ready or the time has come. Returns what each is ready for; a negative
    /// descriptor is left out.
    static func poll(
        _ socket: Int32, _ events: Int16, or wake: Int32, until: Int64
    ) -> (socket: Int16, wake: Int16) {
        var descriptors = (
            pollfd(fd: socket, events: events, revents: 0), pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
        )
        let span = until == .max ? -1 : max(0, until - MonotonicTime.now())
        let ready = withUnsafeMutableBytes(of: &descriptors) { memory in
            wait(memory.assumingMemoryBound(to: pollfd.self).baseAddress, nanoseconds: span)
        }
        return ready > 0 ? (descriptors.0.revents, descriptors.1.revents) : (0, 0)
    }

    private static func wait(_ descriptors: UnsafeMutablePointer<pollfd>?, nanoseconds: Int64) -> Int32 {
        #if canImport(Darwin)
        let milliseconds = nanoseconds < 0 ? -1 : min(Int64(Int32.max), (nanoseconds + 999_999) / 1_000_000)
        return systemPoll(descriptors, 2, Int32(milliseconds))
        #else
        guard nanoseconds >= 0 else { return system_poll(descriptors, 2, nil) }
        var span = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        return system_poll(descriptors, 2, &span)
        #endif
    }

    /// The text of a system error number.
    static func describe(_ number: Int32) -> String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}

// Outside the type, whose functions of the same names would hide them.
private func systemSend(_ socket: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
    send(socket, bytes, count, flags)
}

#if canImport(Darwin)
private func systemPoll(_ descriptors: UnsafeMutablePointer<pollfd>?, _ count: nfds_t, _ time: Int32) -> Int32 {
    poll(descriptors, count, time)
}
#endif
