// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Headroom
import HeadroomSupport

/// One process of a drive, as the one that started it sees it.
final class ChildProcess: Sendable {
    /// An event of the process.
    enum Event: Sendable {
        case message(ChildMessage)
        case ended(ChildExit)
    }

    let processID: pid_t
    private struct State: Sendable {
        /// The writing end of its standard input. `nil` once it is closed.
        var input: Int32?
        var isCollected = false
    }

    private let state: Mutex<State>

    /// Starts this program anew with a subcommand.
    ///
    /// - Parameter report: gets what comes from it, on a thread of its own; the last is how it ended.
    /// - Throws: `SpawnError` if the system cannot start it.
    init(_ arguments: [String], report: @escaping @Sendable (Event) -> Void) throws {
        let (input, output) = (try ProgramSpawn.pipe(), try ProgramSpawn.pipe())
        defer {
            close(input.reading)
            close(output.writing)
        }
        do {
            processID = try ProgramSpawn.start(["headroom"] + arguments, input: input.reading, output: output.writing)
        } catch {
            close(input.writing)
            close(output.reading)
            throw error
        }
        state = Mutex(State(input: input.writing))
        let reading = output.reading
        Thread.detachNewThread { self.follow(reading, report) }
    }

    /// Writes a line to its standard input. If the process is gone, its end has been reported, or will be.
    func send(_ line: String) {
        state.withLock { state in
            if let input = state.input { _ = Descriptor.write(line, to: input) }
        }
    }

    /// Closes its standard input: it ends in order.
    func closeInput() {
        state.withLock { state in
            if let input = state.input { close(input) }
            state.input = nil
        }
    }

    /// Ends it at once.
    func kill() {
        state.withLock { state in
            // Once collected, the number may be another process'.
            if !state.isCollected { _ = Foundation.kill(processID, SIGKILL) }
        }
    }

    private func follow(_ descriptor: Int32, _ report: @Sendable (Event) -> Void) {
        let decoder = JSONDecoder()
        var reader = LineReader(descriptor)
        while let line = reader.next() {
            if let message = try? decoder.decode(ChildMessage.self, from: line) { report(.message(message)) }
        }
        close(descriptor)
        report(.ended(collect()))
    }

    private func collect() -> ChildExit {
        // First without collecting, so that its number stays its own until the state says so.
        var info = siginfo_t()
        while waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        closeInput()
        return state.withLock { state in
            var status: Int32 = 0
            while waitpid(processID, &status, 0) < 0, errno == EINTR {}
            state.isCollected = true
            return ChildExit(waitStatus: status)
        }
    }
}
