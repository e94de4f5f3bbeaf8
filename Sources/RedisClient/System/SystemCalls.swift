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

/// A descriptor that becomes readable when another thread wants this one's attention. Closed with the last reference.
final class WakeSignal: Sendable {
    /// Readable while a signal is pending.
    let readEnd: Int32
    private let writeEnd: Int32

    /// `nil` if the process has no descriptors left.
    init?() {
        #if canImport(Darwin)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
        #else
        readEnd = system_eventfd()
        writeEnd = readEnd
        guard readEnd >= 0 else { return nil }
        #endif
    }

    deinit {
        close(readEnd)
        if writeEnd != readEnd { close(writeEnd) }
    }

    func signal() {
        var one: UInt64 = 1
        _ = write(writeEnd, &one, MemoryLayout<UInt64>.size)
    }

    /// Takes back all signals given so far.
    func drain() {
        var count: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        _ = read(readEnd, &count, MemoryLayout.size(ofValue: count))
    }
}

/// Nanoseconds on a clock that never jumps.
package enum MonotonicTime {
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The moment so long after another; the end of time if that would not fit.
    static func after(_ span: Duration, from start: Int64) -> Int64 {
        let (end, overflow) = start.addingReportingOverflow(span.nanoseconds)
        return overflow ? .max : end
    }
}

extension Duration {
    /// Whole nanoseconds; the nearest end of the range if they would not fit.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow, abs(whole) < .max - 1_000_000_000 else { return seconds < 0 ? .min : .max }
        return whole + attoseconds / 1_000_000_000
    }
}
