// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Unbuffered writing to standard output: for results, and for the lines that processes send each other.
package enum StandardOutput {
    package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    package static func write(_ text: String) { Descriptor.write(text, to: STDOUT_FILENO) }
}

/// Unbuffered writing to standard error: for what a person reads.
package enum StandardError {
    package static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    package static func write(_ text: String) { Descriptor.write(text, to: STDERR_FILENO) }

    /// Characters that fit on one line.
    package static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}

/// Unbuffered writing to a file descriptor.
package enum Descriptor {
    /// Writes all of a text, in as few steps as the system takes. Returns `false` if the other end is gone.
    @discardableResult
    package static func write(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let base = rest.baseAddress, !rest.isEmpty {
                let count = Foundation.write(descriptor, base, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return true
        }
    }
}
