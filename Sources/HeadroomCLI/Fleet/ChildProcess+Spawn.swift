// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ChildProcess {
    /// Starts this program with other arguments and standard streams. Standard error stays the same.
    static func spawn(_ arguments: [String], input: Int32, output: Int32) throws -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        // Threads of this process may block signals; the new one starts with none blocked.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let status = posix_spawn(&child, program, &actions, &attributes, &words, environ)
        guard status == 0 else {
            throw CommandFailure(.usage, "cannot start \(program): \(String(cString: strerror(status)))")
        }
        return child
    }

    /// This program's file. On Linux as the kernel knows it, also where it was replaced since.
    private static var program: String {
        #if os(Linux)
        let link = "/proc/self/exe"
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link), access(path, X_OK) == 0
        else {
            return link
        }
        return path
        #else
        return Bundle.main.executablePath ?? CommandLine.arguments[0]
        #endif
    }
}
