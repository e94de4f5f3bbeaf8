// SPDX-License-Identifier: Apache-2.0

/// The end of a process: its exit status, or the signal that ended it.
package enum ChildExit: Sendable, Hashable, CustomStringConvertible {
    case status(Int32)
    case signal(Int32)

    /// Reads what `waitpid` gives: the low seven bits are the signal, the next byte is the status.
    package init(waitStatus: Int32) {
        let signal = waitStatus & 0x7F
        self = signal == 0 ? .status((waitStatus >> 8) & 0xFF) : .signal(signal)
    }

    package var isFine: Bool { self == .status(0) }

    package var description: String {
        switch self {
        case .status(let status): "status \(status)"
        case .signal(let signal): "signal \(signal)\(Self.names[signal].map { " (\($0))" } ?? "")"
        }
    }

    // Those that have the same number on every system.
    private static let names: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV",
        13: "SIGPIPE", 15: "SIGTERM",
    ]
}
