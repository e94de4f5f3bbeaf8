// SPDX-License-Identifier: Apache-2.0

/// Bytes on their way to the socket, and how many of them are gone already.
struct WriteBuffer {
    var bytes: [UInt8] = []
    private(set) var written = 0

    // A buffer that one burst made larger than this is given back to the system.
    private static let keptCapacity = 1 << 20

    var remaining: Int { bytes.count - written }
    var isEmpty: Bool { written == bytes.count }

    mutating func advance(_ count: Int) {
        written += count
        if isEmpty { clear() }
    }

    mutating func clear() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
        written = 0
    }

    /// What is left to be written. Valid only inside `body`.
    func withRemaining<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[written...])) }
    }
}
