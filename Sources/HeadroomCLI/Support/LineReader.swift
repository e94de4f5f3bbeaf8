// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A reader of lines from a file descriptor. It blocks, so it is for a thread of its own.
struct LineReader {
    private let descriptor: Int32
    private var rest = Data()
    private var isAtEnd = false

    /// The longest line in bytes. A longer one ends the reading.
    static let longestLine = 1 << 20

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The next line without its end. `nil` if there is none any more. A last line without an end does not count.
    mutating func next() -> Data? {
        while true {
            if let end = rest.firstIndex(of: 0x0A) {
                let line = Data(rest[rest.startIndex..<end])
                rest = Data(rest[(end + 1)...])
                return line
            }
            guard !isAtEnd, rest.count < Self.longestLine else { return nil }
            fill()
        }
    }

    private mutating func fill() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 {
            rest.append(contentsOf: buffer[..<count])
        } else if count == 0 || errno != EINTR {
            isAtEnd = true
        }
    }
}
