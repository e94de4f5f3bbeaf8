// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Starting the running program anew, with other arguments and standard streams.
package enum ProgramSpawn {
    /// Starts the program. Its standard error is the caller's.
    ///
    /// - Parameter arguments: the first is the name by which the new process is listed.
    /// - Throws: ``SpawnError`` if the system cannot start it.
    package static func start(_ arguments: [String], input: Int32, output: Int32) throws(SpawnError) -> pid_t {
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
        guard status == 0 else { throw SpawnError("cannot start \(program): \(String(cString: strerror(status)))") }
        return child
    }

    /// Opens a pipe whose ends are not inherited: a process that had another's would keep it from seeing the end.
    package static func pipe() throws(SpawnError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else { throw SpawnError("no pipe: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// This program's file. On Linux it is the one that the kernel knows, also if another took its place since.
    private static var program: String {
        #if os(Linux)
        let link = "/proc/self/exe"
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link), access(path, X_OK) == 0
        else {
            return link
        }
        return path
        #else
        return Bundle.main.executablePath ?? ProcessInfo.processInfo.arguments[0]
        #endif
    }
}

/// Why another process could not be started.
package struct SpawnError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
