// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The lines that the parent process sends on standard input: the order, then the start. Their end says stop.
///
/// The end comes as well when the parent dies, however it does. A process that takes too long to stop is ended.
final class ParentChannel: Sendable {
    /// How long the process may take to stop before it ends by force.
    private static let patience: UInt32 = 5

    /// Lines, until there is nothing more to do but to stop.
    let lines: AsyncStream<Data>
    private let continuation: AsyncStream<Data>.Continuation

    init() {
        (lines, continuation) = AsyncStream.makeStream(of: Data.self)
        let continuation = continuation
        Thread.detachNewThread {
            var reader = LineReader(STDIN_FILENO)
            while let line = reader.next() { continuation.yield(line) }
            continuation.finish()
            sleep(Self.patience)
            _exit(1)
        }
    }

    /// Ends the lines, as if the parent had.
    func close() { continuation.finish() }
}
