// SPDX-License-Identifier: Apache-2.0

package import Foundation
import HeadroomSupport

/// A process that works for the one that started it: gets an order as its argument, lines on standard input, and
/// answers in lines on standard output.
package final class WorkerProcess: Sendable {
    package let processID: pid_t
    private let input: Int32
    private let output: AsyncStream<String>
    private let isCollected = Mutex(false)

    /// Starts this program anew with a subcommand and its order.
    ///
    /// - Parameter program: the name by which the process is listed.
    package init(_ program: String, _ subcommand: String, _ order: some Encodable) throws {
        let text = String(decoding: try JSONEncoder().encode(order), as: UTF8.self)
        let (toChild, fromChild) = (try ProgramSpawn.pipe(), try ProgramSpawn.pipe())
        defer {
            close(toChild.reading)
            close(fromChild.writing)
        }
        processID = try ProgramSpawn.start(
            [program, subcommand, text], input: toChild.reading, output: fromChild.writing)
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

    /// Waits for a line that the process writes. Returns `nil` at its end.
    package func line() async -> String? {
        for await line in output { return line }
        return nil
    }

    /// Lets it begin, or end: the next line that it waits for.
    package func go() { _ = write(input, "go\n", 3) }

    /// Sends it a signal, unless it was ended: then the number may be another process'.
    package func send(_ signal: Int32) {
        isCollected.withLock { isCollected in
            if !isCollected { kill(processID, signal) }
        }
    }

    /// Ends it, and waits for that.
    package func stop() {
        isCollected.withLock { isCollected in
            guard !isCollected else { return }
            close(input)
            kill(processID, SIGTERM)
            var status: Int32 = 0
            while waitpid(processID, &status, 0) < 0, errno == EINTR {}
            isCollected = true
        }
    }
}

/// The lines that a worker's parent sends. Their end ends the process: the parent is gone, or wants no more.
package final class ParentLines: Sendable {
    private let lines: AsyncStream<Void>

    package init() {
        let (lines, continuation) = AsyncStream.makeStream(of: Void.self)
        self.lines = lines
        Thread.detachNewThread {
            while readLine() != nil { continuation.yield() }
            _exit(1)
        }
    }

    /// Waits for the next line.
    package func next() async { for await _ in lines { return } }
}
