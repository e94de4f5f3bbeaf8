// SPDX-License-Identifier: Apache-2.0

import Foundation
import Headroom
import HeadroomSupport

/// One process of a fleet, as the one that started it sees it.
final class FleetWorker: Sendable {
    let processID: pid_t
    private let input: Int32
    private let output: AsyncStream<String>
    private let isCollected = Mutex(false)

    /// Starts this program anew with a subcommand and its order.
    init(_ subcommand: String, _ order: some Encodable) throws {
        let text = String(decoding: try JSONEncoder().encode(order), as: UTF8.self)
        let (toChild, fromChild) = (try Self.pipe(), try Self.pipe())
        defer {
            close(toChild.reading)
            close(fromChild.writing)
        }
        processID = try Self.spawn(["headroom-bench", subcommand, text], toChild.reading, fromChild.writing)
        input = toChild.writing
        let (output, continuation) = AsyncStream.makeStream(of: String.self)
        self.output = output
        let descriptor = fromChild.reading
        Thread.detachNewThread {
            if let file = fdopen(descriptor, "r") {
                var (line, capacity): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
                while getline(&line, &capacity, file) > 0 { continuation.yield(line.map { String(cString: $0) } ?? "") }
                free(line)
                fclose(file)
            }
            continuation.finish()
        }
    }

    /// Waits for a line that the process writes; nil at its end.
    func line() async -> String? {
        for await line in output { return line }
        return nil
    }

    /// Lets it begin.
    func go() { _ = write(input, "go\n", 3) }

    /// Sends it a signal, unless it was ended: then the number may be another process'.
    func send(_ signal: Int32) {
        isCollected.withLock { isCollected in
            if !isCollected { kill(processID, signal) }
        }
    }

    /// Ends it, and waits for that.
    func stop() {
        isCollected.withLock { isCollected in
            guard !isCollected else { return }
            close(input)
            kill(processID, SIGTERM)
            var status: Int32 = 0
            while waitpid(processID, &status, 0) < 0, errno == EINTR {}
            isCollected = true
        }
    }

    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Foundation.pipe(&ends) == 0 else { throw BenchmarkFailure("no pipe: error \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(_ arguments: [String], _ input: Int32, _ output: Int32) throws -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
        #else
        var actions = posix_spawn_file_actions_t()
        let program = "/proc/self/exe"
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let status = posix_spawn(&child, program, &actions, nil, &words, environ)
        guard status == 0 else { throw BenchmarkFailure("cannot start another process: error \(status)") }
        return child
    }
}
