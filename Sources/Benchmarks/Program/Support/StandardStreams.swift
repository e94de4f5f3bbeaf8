// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Unbuffered writing: results to standard output, progress to standard error.
enum StandardStreams {
    static func print(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
    static func tell(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    /// Whether a person reads standard output in colours.
    static var isColoured: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }
}
