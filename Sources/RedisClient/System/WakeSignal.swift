// SPDX-License-Identifier: Apache-2.0

internal import CHiredis

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
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
